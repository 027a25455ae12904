/** An ONNX file as a checked graph: nothing here trusts a word of the file. */
@NullMarked
package dev.engram.onnx.internal.graph;

import org.jspecify.annotations.NullMarked;
