/** What an ONNX file says of its values, and what is wrong with it. */
@NullMarked
package dev.engram.onnx.graph;

import org.jspecify.annotations.NullMarked;
