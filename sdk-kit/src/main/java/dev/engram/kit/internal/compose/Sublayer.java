package dev.engram.kit.internal.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import org.jspecify.annotations.Nullable;

/** Attention or feed-forward with its dropout, what was put after them, residual and norm. */
record Sublayer(Block layer, Block dropout, @Nullable Block inserted, Block norm) {

    NDList forward(ParameterStore store, NDList inputs, NDArray residual, boolean training) {
        NDList output = layer.forward(store, inputs, training);
        output = dropout.forward(store, output, training);
        if (inserted != null) {
            output = inserted.forward(store, output, training);
        }
        NDArray sum = output.singletonOrThrow().add(residual);
        return norm.forward(store, new NDList(sum), training);
    }
}
