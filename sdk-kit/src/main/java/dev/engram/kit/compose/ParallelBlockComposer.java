package dev.engram.kit.compose;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import dev.engram.api.Stable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Composes {@link ParallelBlock}s anew, once it is told how they combine their branches.
 *
 * <p>DJL's block keeps its function to itself, so that Engram alone cannot: extend this class, and
 * have it found by {@code ServiceLoader} or add it to a {@link ModelComposer}.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public abstract class ParallelBlockComposer implements BlockComposer {

    /** Creates the composer. */
    protected ParallelBlockComposer() {}

    /** Returns the function that the block was made with: from the branches' outputs to its own. */
    protected abstract Function<List<NDList>, NDList> combination(
            ParallelBlock original, String path);

    @Override
    public boolean knows(Block block) {
        return block.getClass() == ParallelBlock.class;
    }

    @Override
    public Block compose(Block original, String path, Composition composition) {
        List<Block> branches = new ArrayList<>();
        for (Pair<String, Block> child : original.getChildren()) {
            branches.add(
                    composition.child(Composition.join(path, child.getKey()), child.getValue()));
        }
        return new Branches(original, branches, combination((ParallelBlock) original, path));
    }

    /** Computes as {@link ParallelBlock} does. */
    private static final class Branches extends ForwardOnlyBlock {

        private final Block original;
        private final List<Block> branches;
        private final Function<List<NDList>, NDList> combination;

        Branches(Block original, List<Block> branches, Function<List<NDList>, NDList> combination) {
            this.original = original;
            this.branches = List.copyOf(branches);
            this.combination = combination;
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputs) {
            return original.getOutputShapes(inputs);
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                boolean training,
                @Nullable PairList<String, Object> params) {
            return combined(branch -> branch.forward(store, inputs, training, params));
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                NDList labels,
                @Nullable PairList<String, Object> params) {
            return combined(branch -> branch.forward(store, inputs, labels, params));
        }

        private NDList combined(Function<Block, NDList> call) {
            return combination.apply(branches.stream().map(call).toList());
        }
    }
}
