/** The model as guards run it. */
@NullMarked
package dev.engram.djl.internal.model;

import org.jspecify.annotations.NullMarked;
