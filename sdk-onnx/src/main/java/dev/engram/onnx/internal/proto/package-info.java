/** ONNX files as protobuf messages, and what is looked up in those. */
@NullMarked
package dev.engram.onnx.internal.proto;

import org.jspecify.annotations.NullMarked;
