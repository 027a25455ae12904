package dev.engram.generativereplay.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.SplittableRandom;

/**
 * A linear layer: {@code x·W + b}.
 *
 * @param name under which its values are
 */
public record Layer(String name) {

    private static final double OF_RECTIFIED = 2;

    /** Draws values that keep the deviation of what they see. */
    public void begin(LearntValues values, int in, int out, SplittableRandom random) {
        begin(values, in, out, 1, random);
    }

    /** Draws values that are smaller by a factor than what keeps the deviation of what they see. */
    public void begin(
            LearntValues values, int in, int out, double factor, SplittableRandom random) {
        double deviation = factor * Math.sqrt(OF_RECTIFIED / in);
        values.draw(name + "-weight", new Shape(in, out), deviation, random);
        values.draw(name + "-bias", new Shape(out), 0, random);
    }

    /** Returns what it makes of rows. */
    public NDArray of(NDArray inputs, LearntValues values) {
        return inputs.matMul(values.get(name + "-weight")).add(values.get(name + "-bias"));
    }
}
