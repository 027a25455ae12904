package dev.engram.gradientprojection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.engram.kit.autograd.EngineMemory;

/**
 * The uncentred covariance of a layer's inputs, or what is kept instead of it: as a matrix, or for
 * wide layers as a factor {@code F} of few rows with {@code FᵀF} near it.
 */
record Covariance(NDArray matrix, boolean isFactor) {

    /** Wider layers have a factor: their matrix would be too large to decompose at a task's end. */
    static final int WIDEST = 1024;

    /** How many rows a factor has at most. */
    static final int RANK = 384;

    long width() {
        return matrix.getShape().get(1);
    }

    /** Returns the sum of its diagonal; reads from the device. */
    double trace() {
        try (NDArray diagonal = isFactor ? matrix.square() : matrix.diagonal();
                NDArray sum = diagonal.sum()) {
            return sum.getFloat();
        }
    }

    /** Returns it for a layer that has more inputs now: nothing was fed into the new ones. */
    Covariance widened(long width, NDManager owner) {
        if (width <= width()) {
            return this;
        }
        NDArray grown = owner.zeros(new Shape(isFactor ? matrix.getShape().get(0) : width, width));
        grown.set(new NDIndex("0:{}, 0:{}", matrix.getShape().get(0), width()), matrix);
        return new Covariance(grown, isFactor);
    }

    /** Returns it with a mean diagonal of 1, or as it is where that is zero. */
    Covariance scaled(NDManager owner) {
        double mean = trace() / width();
        double factor = mean > 0 ? 1 / mean : 1;
        NDArray scaled = matrix.mul((float) (isFactor ? Math.sqrt(factor) : factor));
        scaled.attach(owner);
        return new Covariance(scaled, isFactor);
    }

    Covariance copy(NDManager owner) {
        return new Covariance(EngineMemory.copy(matrix, owner), isFactor);
    }
}
