/** Attention, and the rotation of its positions. */
@NullMarked
package dev.engram.onnx.internal.operator.attention;

import org.jspecify.annotations.NullMarked;
