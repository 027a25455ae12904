/** A graph that trains: its parameters, and the batches that it takes. */
@NullMarked
package dev.engram.onnx.internal.training;

import org.jspecify.annotations.NullMarked;
