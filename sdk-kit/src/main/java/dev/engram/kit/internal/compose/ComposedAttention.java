package dev.engram.kit.internal.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.kit.autograd.Scaled;
import dev.engram.kit.compose.KeyValuePrefix;
import org.jspecify.annotations.Nullable;

/** Computes as {@link ScaledDotProductAttentionBlock} does. */
final class ComposedAttention extends ComposedBlock {

    private final long heads;
    private final Block key;
    private final Block query;
    private final Block value;
    private final Block result;
    private final Block dropout;
    private final @Nullable KeyValuePrefix prefix;

    ComposedAttention(
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
        NDList projected = projected(store, inputs, training, params);
        NDArray input = inputs.head();
        NDList seen = prefixed(store, input, projected, training);
        NDArray scores = scores(seen.get(0), projected.get(2));
        if (inputs.size() % 2 == 0) {
            NDArray mask = inputs.get(inputs.size() - 1);
            scores = scores.add(offset(mask, scores.getShape().get(3), input.getShape().get(1)));
        }
        NDList weights = dropout.forward(store, new NDList(scores.softmax(3)), training);
        NDArray mixed = weights.singletonOrThrow().matMul(split(seen.get(1)));
        return result.forward(store, new NDList(joined(mixed)), training);
    }

    /** Returns keys, values and queries. */
    private NDList projected(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        boolean self = inputs.size() < 3;
        NDList from = new NDList(inputs.head());
        NDList to = self ? from : new NDList(inputs.get(1));
        NDList what = self ? from : new NDList(inputs.get(2));
        NDArray keys = key.forward(store, from, training, params).head();
        NDArray queries = query.forward(store, to, training, params).head();
        NDArray values = value.forward(store, what, training, params).head();
        return new NDList(keys, values, queries);
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

    private NDArray scores(NDArray keys, NDArray queries) {
        long width = keys.getShape().get(2) / heads;
        float scale = 1f / (float) Math.sqrt((double) width);
        return Scaled.by(scale, split(queries).matMul(split(keys).transpose(0, 1, 3, 2)));
    }

    /** A mask of four dimensions is already what must be added. */
    private static NDArray offset(NDArray mask, long keys, long ofSequence) {
        Shape shape = mask.getShape();
        NDArray offset =
                shape.dimension() == 4
                        ? mask
                        : mask.reshape(shape.get(0), 1, shape.get(1), shape.get(2))
                                .toType(DataType.FLOAT32, false)
                                .mul(-1f)
                                .add(1f)
                                .mul(-100_000f);
        return keys == ofSequence ? offset : withVisible(keys - ofSequence, offset, ofSequence);
    }

    /** A prefix is seen by every position, also where all of the sequence is masked. */
    private static NDArray withVisible(long prefix, NDArray offset, long ofSequence) {
        Shape shape = offset.getShape().slice(0, 3);
        NDArray visible = offset.getManager().zeros(shape.add(prefix), offset.getDataType());
        return visible.concat(offset.broadcast(shape.add(ofSequence)), 3);
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
