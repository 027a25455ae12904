/** The quadratic penalty that any importance estimator can drive. */
@NullMarked
package dev.engram.djl.penalty;

import org.jspecify.annotations.NullMarked;
