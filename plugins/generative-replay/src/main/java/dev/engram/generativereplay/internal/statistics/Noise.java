package dev.engram.generativereplay.internal.statistics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.SplittableRandom;

/** Normal numbers, drawn on the host so that the engine's own stream stays as it is. */
public final class Noise {

    private Noise() {}

    /** Returns numbers of mean 0. */
    public static NDArray of(
            Shape shape, double deviation, SplittableRandom random, NDManager owner) {
        float[] numbers = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) (deviation * random.nextGaussian());
        }
        return owner.create(numbers, shape);
    }
}
