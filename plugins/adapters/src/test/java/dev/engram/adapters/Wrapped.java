package dev.engram.adapters;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.kit.compose.BlockComposer;
import dev.engram.kit.compose.Composition;
import dev.engram.kit.compose.ForwardOnlyBlock;

/** A block that Engram does not know, and how it is taught. */
final class Wrapped extends AbstractBlock {

    private final Block inner;

    Wrapped(Block inner) {
        this.inner = addChildBlock("inner", inner);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        return around(inner, store, inputs, training);
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
        inner.initialize(manager, type, inputs);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return inputs;
    }

    private static NDList around(
            Block inner, ParameterStore store, NDList inputs, boolean training) {
        return new NDList(inner.forward(store, inputs, training).head().tanh());
    }

    static final class Composer implements BlockComposer {

        @Override
        public boolean knows(Block block) {
            return block instanceof Wrapped;
        }

        @Override
        public Block compose(Block original, String path, Composition composition) {
            String at = Composition.join(path, "01inner");
            Block inner = composition.child(at, ((Wrapped) original).inner);
            return new ForwardOnlyBlock() {
                @Override
                protected NDList forwardInternal(
                        ParameterStore store,
                        NDList inputs,
                        boolean training,
                        PairList<String, Object> params) {
                    return around(inner, store, inputs, training);
                }
            };
        }
    }
}
