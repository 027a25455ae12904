/** Reaches the model as DJL trains it: parameters, store, evaluation mode, gradients. */
@NullMarked
package dev.engram.djl.internal.training;

import org.jspecify.annotations.NullMarked;
