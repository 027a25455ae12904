package dev.engram.kit.internal.compose;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;

/** A child of a sequence, followed by what was put after it. */
final class Chained extends ComposedBlock {

    private final Block child;
    private final Block inserted;

    Chained(Block child, Block inserted) {
        super(child);
        this.child = child;
        this.inserted = inserted;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        NDList output = child.forward(store, inputs, training, params);
        return inserted.forward(store, output, training);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            NDList labels,
            @Nullable PairList<String, Object> params) {
        NDList output = child.forward(store, inputs, labels, params);
        return inserted.forward(store, output, true);
    }
}
