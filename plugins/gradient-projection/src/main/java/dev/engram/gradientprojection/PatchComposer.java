package dev.engram.gradientprojection;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.kit.compose.BlockComposer;
import dev.engram.kit.compose.Composition;
import dev.engram.kit.compose.ForwardOnlyBlock;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Shows the patches that a convolution multiplies its kernels by: the convolution itself cuts them
 * out, with its own stride, padding and dilation, when its kernels are those of an identity.
 */
final class PatchComposer implements BlockComposer {

    private static final Set<Class<?>> KNOWN = Set.of(Conv1d.class, Conv2d.class, Conv3d.class);

    private static final long MOST_NUMBERS = 1L << 24;

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
            NDArray all = inputs.head();
            long samples = all.getShape().get(0);
            long at = atOnce(all.getShape(), store);
            for (long from = 0; from < samples; from += at) {
                try (NDManager work = store.getManager().newSubManager()) {
                    look(
                            all.get(new NDIndex("{}:{}", from, Math.min(samples, from + at))),
                            store,
                            work);
                }
            }
            return original.forward(store, inputs, training);
        }

        /** Of large images the patches of a batch would take gigabytes: a patch a place. */
        private long atOnce(Shape given, ParameterStore store) {
            Shape kernels = kernels(store);
            Shape one = new Shape(1).addAll(given.slice(1));
            long places = original.getOutputShapes(new Shape[] {one})[0].size() / kernels.get(0);
            long numbers = places * original.getGroups() * kernels.size() / kernels.get(0);
            return Math.max(1, MOST_NUMBERS / numbers);
        }

        private Shape kernels(ParameterStore store) {
            Parameter weight = original.getDirectParameters().get("weight");
            return store.getValue(weight, store.getManager().getDevice(), false).getShape();
        }

        private void look(NDArray samples, ParameterStore store, NDManager work) {
            samples.attach(work);
            NDList given = new NDList(samples.stopGradient());
            given.attach(work);
            NDArray patches =
                    original.forward(new Identity(work, original, store), given, false).head();
            patches.attach(work);
            seen.add(layer, rows(patches, work));
        }

        /** One row for each place and group. */
        private NDArray rows(NDArray patches, NDManager work) {
            Shape shape = patches.getShape();
            long width = shape.get(1) / original.getGroups();
            NDArray flat = patches.reshape(shape.get(0) * original.getGroups(), width, -1);
            flat.attach(work);
            NDArray turned = flat.transpose(0, 2, 1);
            turned.attach(work);
            NDArray rows = turned.reshape(-1, width);
            rows.attach(work);
            return rows;
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputs) {
            return original.getOutputShapes(inputs);
        }
    }

    /** Answers with kernels that copy one element of a patch each. */
    private static final class Identity extends ParameterStore {

        private final Convolution of;
        private final ParameterStore store;

        Identity(NDManager manager, Convolution of, ParameterStore store) {
            super(manager, false);
            this.of = of;
            this.store = store;
        }

        @Override
        public NDArray getValue(@Nullable Parameter parameter, Device device, boolean training) {
            Parameter weight = of.getDirectParameters().get("weight");
            Shape shape = store.getValue(weight, device, false).getShape();
            long width = shape.size() / shape.get(0);
            int groups = of.getGroups();
            if (parameter != weight) {
                return getManager().zeros(new Shape(width * groups));
            }
            NDList one = new NDList();
            for (int group = 0; group < groups; group++) {
                one.add(getManager().eye((int) width));
            }
            NDArray all = NDArrays.concat(one);
            all.attach(getManager());
            NDArray kernels =
                    all.reshape(
                            shape.slice(1).isScalar()
                                    ? new Shape(width)
                                    : kernels(shape, width * groups));
            kernels.attach(getManager());
            return kernels;
        }

        private static Shape kernels(Shape shape, long count) {
            long[] sizes = shape.getShape().clone();
            sizes[0] = count;
            return new Shape(sizes);
        }
    }
}
