package dev.engram.onnx.operator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** What a node computes. */
@FunctionalInterface
interface Operator {

    /** Computes the outputs that {@link Call#outputs()} asks for, in order. */
    NDList run(Call call);

    /** An operator with one output. */
    @FunctionalInterface
    interface Single {

        NDArray compute(Call call);
    }
}
