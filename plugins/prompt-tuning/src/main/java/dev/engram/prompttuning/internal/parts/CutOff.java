package dev.engram.prompttuning.internal.parts;

import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.kit.compose.ForwardOnlyBlock;
import dev.engram.kit.compose.FrontPositions;
import org.jspecify.annotations.Nullable;

/** Cuts off the positions of a prompt, so that later layers see those of the input. */
public final class CutOff extends ForwardOnlyBlock {

    private final long positions;

    public CutOff(long positions) {
        this.positions = positions;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        return FrontPositions.cut(positions, inputs);
    }
}
