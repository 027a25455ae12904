package dev.engram.assistant.encoder;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import dev.engram.kit.compose.BlockComposer;
import dev.engram.kit.compose.Composition;
import dev.engram.kit.compose.ForwardOnlyBlock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Teaches Engram the sample's own block, so that adapters find the transformer layers inside; this
 * is all that a block of your own needs.
 */
public final class SentenceEncoderComposer implements BlockComposer {

    /** Called by {@code ServiceLoader}. */
    public SentenceEncoderComposer() {}

    @Override
    public boolean knows(Block block) {
        return block instanceof SentenceEncoder;
    }

    @Override
    public Block compose(Block original, String path, Composition composition) {
        List<Block> blocks = new ArrayList<>();
        for (Pair<String, Block> child : original.getChildren()) {
            blocks.add(composition.child(Composition.join(path, child.getKey()), child.getValue()));
        }
        return new Rewritten((SentenceEncoder) original, blocks);
    }

    private static final class Rewritten extends ForwardOnlyBlock {

        private final SentenceEncoder original;
        private final List<Block> blocks;

        Rewritten(SentenceEncoder original, List<Block> blocks) {
            this.original = original;
            this.blocks = List.copyOf(blocks);
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                boolean training,
                @Nullable PairList<String, Object> params) {
            return original.encode(store, inputs, training, blocks);
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputs) {
            return original.getOutputShapes(inputs);
        }
    }
}
