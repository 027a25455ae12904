/** The {@code .onnx_adapter} files of ONNX Runtime as FlatBuffers tables. */
@NullMarked
package dev.engram.onnx.internal.flatbuffer;

import org.jspecify.annotations.NullMarked;
