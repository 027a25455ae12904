package dev.engram.djl.internal.rewire;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.djl.rewire.KeyValuePrefix;
import org.jspecify.annotations.Nullable;

/** Computes as {@link ScaledDotProductAttentionBlock} does. */
final class RecomposedAttention extends Recomposed {

    private static final int MASKED = -100_000;

    private final long heads;
    private final Block key;
    private final Block query;
    private final Block value;
    private final Block result;
    private final Block dropout;
    private final @Nullable KeyValuePrefix prefix;

    RecomposedAttention(
            Block original,
            long heads,
            Block key,
            Block query,
            Block value,
            Block result,
            Block dropout,
            @Nullable KeyValuePrefix prefix) {
        super(original);
        this.heads = heads;
        this.key = key;
        this.query = query;
        this.value = value;
        this.result = result;
        this.dropout = dropout;
        this.prefix = prefix;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        boolean self = inputs.size() < 3;
        NDArray from = inputs.get(0);
        NDList keys = key.forward(store, new NDList(from), training, params);
        NDList queries =
                query.forward(store, new NDList(self ? from : inputs.get(1)), training, params);
        NDList values =
                value.forward(store, new NDList(self ? from : inputs.get(2)), training, params);
        NDList seen = prefixed(store, from, new NDList(keys.head(), values.head()), training);
        NDArray scores = scores(seen.get(0), queries.head(), mask(inputs));
        NDList weights = dropout.forward(store, new NDList(scores.softmax(3)), training);
        NDArray mixed = weights.singletonOrThrow().matMul(split(seen.get(1)));
        return result.forward(store, new NDList(joined(mixed)), training);
    }

    private NDList prefixed(
            ParameterStore store, NDArray input, NDList keysAndValues, boolean training) {
        if (prefix == null) {
            return keysAndValues;
        }
        NDList front = prefix.keysAndValues(store, input, training);
        return new NDList(
                front.get(0).concat(keysAndValues.get(0), 1),
                front.get(1).concat(keysAndValues.get(1), 1));
    }

    private NDArray scores(NDArray keys, NDArray queries, @Nullable NDArray mask) {
        long width = keys.getShape().get(2) / heads;
        float scale = 1f / (float) Math.sqrt((double) width);
        NDArray scores = split(queries).matMul(split(keys).transpose(0, 1, 3, 2)).mul(scale);
        return mask == null ? scores : scores.add(offset(mask, keys.getShape().get(1)));
    }

    private static @Nullable NDArray mask(NDList inputs) {
        return inputs.size() % 2 == 0 ? inputs.get(inputs.size() - 1) : null;
    }

    /** A mask of four dimensions is already what must be added; prefixes are never masked. */
    private static NDArray offset(NDArray mask, long keys) {
        Shape shape = mask.getShape();
        NDArray offset =
                shape.dimension() == 4
                        ? mask
                        : mask.reshape(shape.get(0), 1, shape.get(1), shape.get(2))
                                .toType(DataType.FLOAT32, false)
                                .mul(-1f)
                                .add(1f)
                                .mul((float) MASKED);
        return padded(offset, keys);
    }

    private static NDArray padded(NDArray offset, long keys) {
        Shape shape = offset.getShape();
        long visible = keys - shape.get(3);
        if (visible == 0 || shape.get(3) == 1) {
            return offset;
        }
        Shape front = new Shape(shape.get(0), shape.get(1), shape.get(2), visible);
        return offset.getManager().zeros(front, offset.getDataType()).concat(offset, 3);
    }

    /** (batch, sequence, width) to (batch, heads, sequence, width of a head). */
    private NDArray split(NDArray features) {
        Shape shape = features.getShape();
        return features.reshape(shape.get(0), shape.get(1), heads, shape.get(2) / heads)
                .transpose(0, 2, 1, 3);
    }

    private static NDArray joined(NDArray mixed) {
        Shape shape = mixed.getShape();
        return mixed.transpose(0, 2, 1, 3)
                .reshape(shape.get(0), shape.get(2), shape.get(1) * shape.get(3));
    }
}
