package dev.engram.kit.internal.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.kit.compose.EmbeddingPrefix;
import dev.engram.kit.compose.FrontPositions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Computes as {@link BertBlock} does, and frees what lies between its layers as early. */
final class ComposedBert extends ComposedBlock {

    private final BertEmbedding embedding;
    private final @Nullable EmbeddingPrefix prefix;
    private final List<Block> transformers;
    private final Block pooling;

    ComposedBert(
            Block original,
            BertEmbedding embedding,
            @Nullable EmbeddingPrefix prefix,
            List<Block> transformers,
            Block pooling) {
        super(original);
        this.embedding = embedding;
        this.prefix = prefix;
        this.transformers = List.copyOf(transformers);
        this.pooling = pooling;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        NDList current = embedded(store, inputs, training);
        NDArray offset = current.get(1);
        current = new NDList(current.head());
        for (Block transformer : transformers) {
            current = through(transformer, store, new NDList(current.head(), offset), training);
        }
        if (prefix != null) {
            current = FrontPositions.cut(prefix.positions(), current);
        }
        // DJL pools the second token, and so does this.
        NDArray token = current.head().get(new NDIndex(":,1,:")).squeeze();
        current.add(pooling.forward(store, new NDList(token), training).head().tanh());
        return current;
    }

    /** Returns the features and the offset that masks positions. */
    private NDList embedded(ParameterStore store, NDList inputs, boolean training) {
        NDArray tokens = inputs.get(0);
        try (NDManager scope = NDManager.subManagerOf(tokens)) {
            scope.tempAttachAll(inputs);
            NDArray features = embedding.forward(store, tokens, inputs.get(1), training).head();
            NDList output = new NDList(features, offset(tokens, inputs.get(2)));
            if (prefix != null) {
                NDArray vectors = prefix.vectors(store, features, inputs.get(2), training);
                output = FrontPositions.put(vectors, output);
            }
            return scope.ret(output);
        }
    }

    private static NDArray offset(NDArray tokens, NDArray masks) {
        NDArray mask = BertBlock.createAttentionMaskFromInputMask(tokens, masks);
        Shape shape = mask.getShape();
        return mask.reshape(shape.get(0), 1, shape.get(1), shape.get(2))
                .toType(DataType.FLOAT32, false)
                .mul(-1f)
                .add(1f)
                .mul(-100000f);
    }

    private static NDList through(
            Block transformer, ParameterStore store, NDList input, boolean training) {
        try (NDManager scope = NDManager.subManagerOf(input)) {
            scope.tempAttachAll(input);
            return scope.ret(transformer.forward(store, input, training));
        }
    }
}
