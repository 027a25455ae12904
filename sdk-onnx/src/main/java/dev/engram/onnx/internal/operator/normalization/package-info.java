/** Operators along axes: reductions, ranks, norms, softmaxes and losses. */
@NullMarked
package dev.engram.onnx.internal.operator.normalization;

import org.jspecify.annotations.NullMarked;
