package dev.engram.kit.compose;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Optional;

/** A block that Engram does not know: x + layer(x). */
final class Residual extends AbstractBlock {

    private final Block layer;

    Residual(Block layer) {
        this.layer = addChildBlock("layer", layer);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        return new NDList(layer.forward(store, inputs, training).head().add(inputs.head()));
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
        layer.initialize(manager, type, inputs);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return inputs;
    }

    /** Teaches the block; a factor other than one makes it wrong. */
    record Composer(float factor) implements BlockComposer {

        @Override
        public boolean knows(Block block) {
            return block instanceof Residual;
        }

        @Override
        public Block compose(Block original, String path, Composition composition) {
            String at = Composition.join(path, "01layer");
            Block layer = composition.child(at, ((Residual) original).layer);
            Block after = composition.afterFeedForward(path, Blocks.WIDTH).orElse(null);
            float by = factor;
            return new ForwardOnlyBlock() {
                @Override
                protected NDList forwardInternal(
                        ParameterStore store,
                        NDList inputs,
                        boolean training,
                        PairList<String, Object> params) {
                    NDList out = layer.forward(store, inputs, training);
                    out = after == null ? out : after.forward(store, out, training);
                    return new NDList(out.head().add(inputs.head()).mul(by));
                }
            };
        }

        @Override
        public Optional<NDList> sample(Block original, NDManager manager) {
            return Optional.of(new NDList(manager.ones(new Shape(3, Blocks.WIDTH))));
        }
    }
}
