/**
 * Writing a trained graph back: staged, held against ONNX Runtime, refused where it is not finite.
 */
@NullMarked
package dev.engram.onnx.internal.write;

import org.jspecify.annotations.NullMarked;
