package dev.engram.kit.internal.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Random;

/** Inputs for comparisons; the user's random numbers are left alone. */
final class Samples {

    private static final int BATCH = 2;
    private static final int LENGTH = 3;

    private Samples() {}

    /** Returns random features of shape (batch, sequence, width), and a mask. */
    static NDList sequence(long width, NDArray like, NDManager manager) {
        Random random = new Random(1);
        float[] features = new float[(int) (BATCH * LENGTH * width)];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian();
        }
        NDArray input = manager.create(features, new Shape(BATCH, LENGTH, width));
        NDArray mask = manager.ones(new Shape(BATCH, LENGTH, LENGTH));
        return new NDList(input.toType(like.getDataType(), false), mask);
    }

    /** Returns random ids below a bound, of shape (batch, length). */
    static NDArray ids(int bound, int length, NDManager manager) {
        return manager.create(
                new Random(1).longs((long) BATCH * length, 0, bound).toArray(),
                new Shape(BATCH, length));
    }
}
