/** Operators that compute number by number, and sums of products. */
@NullMarked
package dev.engram.onnx.internal.operator.arithmetic;

import org.jspecify.annotations.NullMarked;
