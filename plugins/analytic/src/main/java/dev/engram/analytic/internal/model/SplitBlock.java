package dev.engram.analytic.internal.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.kit.evaluation.EvaluationBlocks;
import dev.engram.kit.evaluation.TwinnedBlock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the user's block while a trainer lives: runs its base in evaluation mode, also in
 * training passes, and shows what the head is given. In all else it is that block.
 */
public final class SplitBlock implements TwinnedBlock {

    private final Block block;
    private final ModelSplit split;
    private final Consumer<NDArray> witness;
    private final boolean holdsTorchScript;

    /**
     * Creates it.
     *
     * @param block the user's
     * @param witness told the features of each training pass
     */
    public SplitBlock(Block block, ModelSplit split, Consumer<NDArray> witness) {
        this.block = block;
        this.split = split;
        this.witness = witness;
        this.holdsTorchScript = EvaluationBlocks.holdsTorchScript(block);
    }

    @Override
    public Block base() {
        return block;
    }

    @Override
    public Block running(UnaryOperator<Block> twin) {
        return twin.apply(block);
    }

    @Override
    public NDList forward(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        NDArray features = split.features(store, inputs);
        if (training && holdsTorchScript) {
            // What TorchScript gives in evaluation mode cannot be part of autograd's graph.
            features = features.duplicate();
        }
        if (training) {
            witness.accept(features);
        }
        return split.outputs(store, features, training);
    }

    @Override
    public NDList forward(
            ParameterStore store,
            NDList data,
            NDList labels,
            @Nullable PairList<String, Object> params) {
        return forward(store, data, true, params);
    }
}
