package dev.engram.onnx.internal.program;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** What a node computes. */
@FunctionalInterface
public interface Operator {

    /** Computes the outputs that {@link Call#outputs()} asks for, in order. */
    NDList run(Call call);

    /** An operator with one output. */
    @FunctionalInterface
    interface Single {

        NDArray compute(Call call);
    }
}
