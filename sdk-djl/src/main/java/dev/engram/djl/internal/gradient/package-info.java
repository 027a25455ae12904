/** Gradients between the batches that make a step of the optimizer, and the steps. */
@NullMarked
package dev.engram.djl.internal.gradient;

import org.jspecify.annotations.NullMarked;
