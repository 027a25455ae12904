/** The course of one task: its batches, its steps and its epochs. */
@NullMarked
package dev.engram.djl.internal.training;

import org.jspecify.annotations.NullMarked;
