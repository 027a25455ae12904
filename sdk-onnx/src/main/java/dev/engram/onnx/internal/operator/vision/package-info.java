/** Operators with windows over places: convolutions, pooling, resizing. */
@NullMarked
package dev.engram.onnx.internal.operator.vision;

import org.jspecify.annotations.NullMarked;
