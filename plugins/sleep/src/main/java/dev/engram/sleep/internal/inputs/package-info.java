/** What a student learns from: inputs of a data set or of a source, step by step. */
@NullMarked
package dev.engram.sleep.internal.inputs;

import org.jspecify.annotations.NullMarked;
