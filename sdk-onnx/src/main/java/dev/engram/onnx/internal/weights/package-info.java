/**
 * The arrays behind the weights of a graph: where they are, what uses them, whether a file has the
 * same.
 */
@NullMarked
package dev.engram.onnx.internal.weights;

import org.jspecify.annotations.NullMarked;
