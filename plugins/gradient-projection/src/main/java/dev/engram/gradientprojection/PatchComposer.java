package dev.engram.gradientprojection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.gradientprojection.internal.patches.Patches;
import dev.engram.kit.compose.BlockComposer;
import dev.engram.kit.compose.Composition;
import dev.engram.kit.compose.ForwardOnlyBlock;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Shows what convolutions are fed: their {@link Patches}. */
final class PatchComposer implements BlockComposer {

    private static final Set<Class<?>> KNOWN = Set.of(Conv1d.class, Conv2d.class, Conv3d.class);

    private final SeenInputs seen;

    PatchComposer(SeenInputs seen) {
        this.seen = seen;
    }

    @Override
    public boolean knows(Block block) {
        return KNOWN.contains(block.getClass());
    }

    @Override
    public boolean mends() {
        return true;
    }

    @Override
    public Block compose(Block original, String path, Composition composition) {
        return new Patched((Convolution) original, seen.layer(path, original), seen);
    }

    /** A convolution that shows its patches. */
    private static final class Patched extends ForwardOnlyBlock {

        private final Convolution original;
        private final Layer layer;
        private final SeenInputs seen;

        Patched(Convolution original, Layer layer, SeenInputs seen) {
            this.original = original;
            this.layer = layer;
            this.seen = seen;
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                boolean training,
                @Nullable PairList<String, Object> params) {
            try (NDArray input = inputs.head().stopGradient()) {
                new Patches(original)
                        .each(input, store.getManager(), rows -> seen.add(layer, rows));
            }
            return original.forward(store, inputs, training);
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputs) {
            return original.getOutputShapes(inputs);
        }
    }
}
