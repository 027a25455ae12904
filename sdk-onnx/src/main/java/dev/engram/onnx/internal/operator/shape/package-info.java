/** Operators that make, pick, move and join numbers, and change none. */
@NullMarked
package dev.engram.onnx.internal.operator.shape;

import org.jspecify.annotations.NullMarked;
