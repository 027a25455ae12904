package dev.engram.analytic.internal.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;

/** Random ReLU features of rows, by the weights of {@link SeededLinear}. */
public final class Projection implements AutoCloseable {

    private final NDArray weights;
    private final long seed;

    public Projection(int features, int inputs, long seed, NDManager manager) {
        this.weights = SeededLinear.weights(features, inputs, seed, manager);
        this.seed = seed;
    }

    public int features() {
        return (int) weights.getShape().get(0);
    }

    /** Returns the features of each row, in the manager of the rows. */
    public NDArray of(NDArray rows) {
        Shape shape = rows.getShape();
        long width = shape.get(shape.dimension() - 1);
        try (NDManager scratch = rows.getManager().newSubManager()) {
            NDArray cut = rows.stopGradient();
            cut.attach(scratch);
            NDArray flat = cut.reshape(new Shape(rows.size() / width, width));
            NDArray across = weights.transpose();
            across.attach(scratch);
            NDArray features = Activation.relu(flat.matMul(across));
            features.attach(rows.getManager());
            return features;
        }
    }

    /** Returns the linear part as a layer of DJL. */
    public Block asLayer(NDManager owner) {
        Block layer = Linear.builder().setUnits(features()).optBias(false).build();
        Layers.set(layer, "weight", weights, owner);
        layer.freezeParameters(true);
        return layer;
    }

    public String describe() {
        return " with %s random features of seed %s".formatted(features(), seed);
    }

    @Override
    public void close() {
        weights.close();
    }
}
