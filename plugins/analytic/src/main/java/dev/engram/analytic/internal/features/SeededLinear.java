package dev.engram.analytic.internal.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.initializer.Initializer;
import java.util.Random;
import java.util.function.Predicate;

/**
 * The linear part of random features: a layer whose values follow from a seed, and which no
 * training configuration draws anew.
 */
public final class SeededLinear extends Linear {

    public SeededLinear(int units, long seed) {
        super(Linear.builder().setUnits(units).optBias(false));
        super.setInitializer(new Seeded(seed), Parameter.Type.WEIGHT);
    }

    /** Returns the values for inputs of a width, a row a feature. */
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

    @Override
    public void setInitializer(Initializer initializer, Parameter.Type type) {}

    @Override
    public void setInitializer(Initializer initializer, String name) {}

    @Override
    public void setInitializer(Initializer initializer, Predicate<Parameter> predicate) {}

    private record Seeded(long seed) implements Initializer {

        @Override
        public NDArray initialize(NDManager manager, Shape shape, DataType type) {
            NDArray weights = weights((int) shape.get(0), (int) shape.get(1), seed, manager);
            return weights.getDataType() == type ? weights : weights.toType(type, false);
        }
    }
}
