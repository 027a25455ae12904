/** The quadratic penalty that any importance estimator can drive. */
@NullMarked
package dev.engram.kit.penalty;

import org.jspecify.annotations.NullMarked;
