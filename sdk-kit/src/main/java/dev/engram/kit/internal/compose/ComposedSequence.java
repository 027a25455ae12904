package dev.engram.kit.internal.compose;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Computes as {@link SequentialBlock} does. */
final class ComposedSequence extends ComposedBlock {

    private final SequentialBlock original;
    private final List<Block> steps;

    ComposedSequence(SequentialBlock original, List<Block> steps) {
        super(original);
        this.original = original;
        this.steps = List.copyOf(steps);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        return run(inputs, (step, input) -> step.forward(store, input, training));
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            NDList labels,
            @Nullable PairList<String, Object> params) {
        return run(inputs, (step, input) -> step.forward(store, input, labels, params));
    }

    private NDList run(NDList inputs, Call call) {
        NDList all = new NDList();
        NDList current = inputs;
        for (Block step : steps) {
            current = call.forward(step, current);
            all.addAll(current);
        }
        return original.isReturnIntermediate() ? all : current;
    }

    /** How a step is called. */
    private interface Call {
        NDList forward(Block step, NDList input);
    }
}
