/** An ONNX file as a checked graph: nothing here trusts a word of the file. */
@NullMarked
package dev.engram.onnx.internal.model;

import org.jspecify.annotations.NullMarked;
