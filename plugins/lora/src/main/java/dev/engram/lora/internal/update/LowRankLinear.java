package dev.engram.lora.internal.update;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.kit.compose.ForwardOnlyBlock;
import org.jspecify.annotations.Nullable;

/**
 * Computes {@code linear(x) + s·(x·Aᵀ)·Bᵀ}: neither {@code B·A} nor a gradient of the weight's size
 * is ever formed.
 */
final class LowRankLinear extends ForwardOnlyBlock {

    private final Linear original;
    private final LowRankUpdate update;

    LowRankLinear(Linear original, LowRankUpdate update) {
        this.original = original;
        this.update = update;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        NDArray whole = original.forward(store, inputs, training, params).singletonOrThrow();
        NDArray change = update.product(inputs.singletonOrThrow(), store, training, true);
        return new NDList(whole.add(change));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return original.getOutputShapes(inputs);
    }
}
