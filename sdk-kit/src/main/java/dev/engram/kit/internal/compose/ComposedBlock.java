package dev.engram.kit.internal.compose;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import dev.engram.kit.compose.ForwardOnlyBlock;

/** A block that computes what another does, but for what was put inside. */
abstract class ComposedBlock extends ForwardOnlyBlock {

    private final Block original;

    ComposedBlock(Block original) {
        this.original = original;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return original.getOutputShapes(inputs);
    }

    @Override
    public Shape[] getInputShapes() {
        return original.getInputShapes();
    }
}
