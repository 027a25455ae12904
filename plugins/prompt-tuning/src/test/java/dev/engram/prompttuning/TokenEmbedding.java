package dev.engram.prompttuning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Embedding;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/** Embeds ids; optionally gives a mask (batch, queries, keys) that hides id 0, too. */
final class TokenEmbedding extends AbstractBlock {

    private final Parameter table;
    private final int width;
    private final boolean isMasking;

    TokenEmbedding(int tokens, int width, boolean isMasking) {
        this.width = width;
        this.isMasking = isMasking;
        table =
                addParameter(
                        Parameter.builder()
                                .setName("embedding")
                                .setType(Parameter.Type.WEIGHT)
                                .optShape(new Shape(tokens, width))
                                .build());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray ids = inputs.head();
        NDArray rows = store.getValue(table, ids.getDevice(), training);
        NDList out = Embedding.embedding(ids, rows, SparseFormat.DENSE);
        if (isMasking) {
            long length = ids.getShape().get(1);
            NDArray seen = ids.gt(0).toType(DataType.FLOAT32, false);
            out.add(seen.expandDims(1).repeat(1, length));
        }
        return out;
    }

    /** Says nothing of the mask: DJL's encoder could not be initialised with it. */
    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {inputs[0].add(width)};
    }
}
