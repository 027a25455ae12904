/** ONNX files as protobuf messages; no part of the public API. */
@NullMarked
package dev.engram.onnx.internal.proto;

import org.jspecify.annotations.NullMarked;
