/**
 * An ONNX graph as a program over DJL arrays: compiled and folded once, run for each batch.
 *
 * <p>What nodes compute is handed in as an {@link dev.engram.onnx.internal.program.OperatorTable};
 * nothing here knows an operator.
 */
@NullMarked
package dev.engram.onnx.internal.program;

import org.jspecify.annotations.NullMarked;
