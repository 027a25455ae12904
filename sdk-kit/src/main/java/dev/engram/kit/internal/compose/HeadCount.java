package dev.engram.kit.internal.compose;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.training.ParameterStore;
import dev.engram.api.EngramException;

/**
 * Reads the number of heads off an attention block, which keeps it to itself.
 *
 * <p>With the identity for all weights, and rows {@code c} and {@code -c} for input, each head's
 * score is {@code ±c²H/√H}. With {@code c² = 1/√E} and {@code E = N·H} that is {@code ±1/√N}, and
 * the output is {@code c·tanh(1/√N)}. The block's own weights do not matter.
 */
final class HeadCount {

    private HeadCount() {}

    static long of(ScaledDotProductAttentionBlock attention, NDArray weight) {
        long width = weight.getShape().get(0);
        try (NDManager manager = weight.getManager().newSubManager(Device.cpu())) {
            double c = Math.pow((double) width, -0.25);
            NDArray row = manager.ones(new Shape(1, 1, width)).mul((float) c);
            NDList input = new NDList(row.concat(row.neg(), 1));
            NDList output = attention.forward(new IdentityStore(manager, width), input, false);
            float first = output.head().get(new NDIndex("0, 0, 0")).getFloat();
            double root = atanh(first / c);
            return whole(1 / (root * root), width);
        }
    }

    private static double atanh(double y) {
        return 0.5 * Math.log((1 + y) / (1 - y));
    }

    private static long whole(double estimate, long width) {
        long heads = Math.round(estimate);
        if (heads < 1 || width % heads != 0 || Math.abs(estimate - heads) > 0.01 * heads) {
            throw new EngramException(
                    "An attention block of width %d seems to have %.3f heads, which cannot be: this version of %s computes something that Engram does not know"
                            .formatted(
                                    width,
                                    estimate,
                                    ScaledDotProductAttentionBlock.class.getName()));
        }
        return heads;
    }

    /** Answers the identity for each matrix and zeros for each vector. */
    private static final class IdentityStore extends ParameterStore {

        private final NDArray identity;

        IdentityStore(NDManager manager, long width) {
            super(manager, false);
            this.identity = manager.eye((int) width);
        }

        @Override
        public NDArray getValue(Parameter parameter, Device device, boolean training) {
            Shape shape = parameter.getShape();
            return shape.dimension() == 2 ? identity : getManager().zeros(shape);
        }
    }
}
