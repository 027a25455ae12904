package dev.engram.analytic;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.initializer.Initializer;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Random ReLU features {@code max(0, x·R)} (RanPAC, McDonnell et al. 2023): many of them make
 * classes linearly separable that the features below do not, and {@code R} is never trained.
 *
 * <p>{@code R} follows from a seed alone, the same on every machine. As part of a model it is an
 * ordinary linear layer without bias and DJL's ReLU: a saved model holds its values, and is loaded
 * without Engram into
 *
 * <pre>{@code
 * new SequentialBlock()
 *         .add(Linear.builder().setUnits(2000).optBias(false).build())
 *         .add(Activation.reluBlock())
 * }</pre>
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class RandomFeatures {

    private RandomFeatures() {}

    /**
     * Returns a frozen block, to stand before a model's last layer.
     *
     * @param features how many there are to be; more tell more apart, and cost their square
     * @param seed another one draws other features, of about the same worth
     */
    public static Block block(int features, long seed) {
        if (features < 1) {
            throw new EngramException(
                    "RandomFeatures.block(%d, ...): write 1 or more, such as 2000"
                            .formatted(features));
        }
        SeededLinear linear = new SeededLinear(features, seed);
        linear.freezeParameters(true);
        return new SequentialBlock().add(linear).add(Activation.reluBlock());
    }

    /** Returns whether a block is the linear part of random features. */
    static boolean isLayerOf(Block block) {
        return block instanceof SeededLinear;
    }

    /** Returns {@code R} for inputs of a width, a row a feature. */
    static NDArray weights(int features, int inputs, long seed, NDManager manager) {
        Random random = new Random(seed);
        float[] values = new float[Math.multiplyExact(features, inputs)];
        double deviation = 1 / Math.sqrt(inputs);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        try (NDArray made = manager.create(values, new Shape(features, inputs))) {
            NDArray copy = made.duplicate();
            copy.attach(manager);
            return copy;
        }
    }

    /** A layer whose values no training configuration draws anew. */
    private static final class SeededLinear extends Linear {

        SeededLinear(int units, long seed) {
            super(Linear.builder().setUnits(units).optBias(false));
            super.setInitializer(new Seeded(seed), Parameter.Type.WEIGHT);
        }

        @Override
        public void setInitializer(Initializer initializer, Parameter.Type type) {}

        @Override
        public void setInitializer(Initializer initializer, String name) {}

        @Override
        public void setInitializer(Initializer initializer, Predicate<Parameter> predicate) {}
    }

    private record Seeded(long seed) implements Initializer {

        @Override
        public NDArray initialize(NDManager manager, Shape shape, DataType type) {
            NDArray weights = weights((int) shape.get(0), (int) shape.get(1), seed, manager);
            return weights.getDataType() == type ? weights : weights.toType(type, false);
        }
    }
}
