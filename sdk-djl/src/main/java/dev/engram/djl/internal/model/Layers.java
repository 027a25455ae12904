package dev.engram.djl.internal.model;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import java.util.List;

/** A model's layers, where its structure shows them. */
public final class Layers {

    private Layers() {}

    /** Returns those before the last; none where it is not to be seen which is the last. */
    public static List<Block> beforeLast(Block block) {
        List<Block> layers = block.getChildren().values();
        return block.getClass() != SequentialBlock.class || layers.size() < 2
                ? List.of()
                : layers.subList(0, layers.size() - 1);
    }

    /** Runs layers one after the other, in evaluation mode. */
    public static NDList through(List<Block> layers, ParameterStore store, NDList inputs) {
        NDList seen = inputs;
        for (Block layer : layers) {
            seen = through(layer, store, seen);
        }
        return seen;
    }

    /**
     * Runs a block in evaluation mode, with a list of its own: a recurrent block adds its begin
     * states to the one that it is given.
     */
    public static NDList through(Block block, ParameterStore store, NDList inputs) {
        return block.forward(store, new NDList(inputs), false);
    }
}
