/** Weights by their path names: copied, run, moved, compared and written. */
@NullMarked
package dev.engram.sleep.internal.weights;

import org.jspecify.annotations.NullMarked;
