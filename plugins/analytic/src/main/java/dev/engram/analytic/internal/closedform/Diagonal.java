package dev.engram.analytic.internal.closedform;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;

/** The diagonal of a square matrix, which is every so many-th of its numbers. */
public final class Diagonal {

    private Diagonal() {}

    /** Returns the mean of the diagonal. */
    public static double mean(NDArray matrix) {
        try (NDArray flat = flat(matrix);
                NDArray diagonal = flat.get(every(matrix));
                NDArray mean = diagonal.mean()) {
            return mean.getDouble();
        }
    }

    /** Adds a number to the diagonal, in place. */
    public static void add(NDArray matrix, double value) {
        try (NDArray flat = flat(matrix);
                NDArray diagonal = flat.get(every(matrix))) {
            diagonal.addi(value);
        }
    }

    private static NDArray flat(NDArray matrix) {
        long width = matrix.getShape().get(0);
        return matrix.reshape(new Shape(width * width));
    }

    private static NDIndex every(NDArray matrix) {
        return new NDIndex("::{}", matrix.getShape().get(0) + 1);
    }
}
