package dev.engram.kit.internal.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;

/** Computes as {@link TransformerEncoderBlock} does, whose residual is its input both times. */
final class ComposedEncoder extends ComposedBlock {

    private final Sublayer attention;
    private final Sublayer feedForward;

    ComposedEncoder(Block original, Sublayer attention, Sublayer feedForward) {
        super(original);
        this.attention = attention;
        this.feedForward = feedForward;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        NDArray embedding = inputs.head();
        NDList attended = attention.forward(store, inputs, embedding, training);
        return feedForward.forward(store, attended, embedding, training);
    }
}
