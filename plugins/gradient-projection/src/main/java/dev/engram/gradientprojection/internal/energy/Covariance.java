package dev.engram.gradientprojection.internal.energy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.engram.kit.autograd.EngineMemory;

/**
 * The uncentred covariance of a layer's inputs, or what is kept instead of it: as a matrix, or for
 * wide layers as a factor {@code F} of few rows with {@code FᵀF} near it.
 */
public final class Covariance {

    /** Wider layers have a factor: their matrix would be too large to decompose at a task's end. */
    public static final int WIDEST = 1024;

    /** How many rows a factor has at most. */
    public static final int RANK = 384;

    private final NDArray matrix;
    private final boolean isFactor;

    private Covariance(NDArray matrix, boolean isFactor) {
        this.matrix = matrix;
        this.isFactor = isFactor;
    }

    /** Returns one of a matrix, or of a factor. */
    public static Covariance of(NDArray matrix, boolean isFactor) {
        return new Covariance(matrix, isFactor);
    }

    /** Returns the matrix or the factor. */
    public NDArray matrix() {
        return matrix;
    }

    /** Returns whether it is kept as a factor. */
    public boolean isFactor() {
        return isFactor;
    }

    /** Returns how many inputs the layer has, the constant one of its bias included. */
    public long width() {
        return matrix.getShape().get(1);
    }

    /** Returns the sum of its diagonal; reads from the device. */
    public double trace() {
        try (NDArray diagonal = isFactor ? matrix.square() : matrix.diagonal();
                NDArray sum = diagonal.sum()) {
            return sum.getFloat();
        }
    }

    /** Returns it for a layer that has more inputs now: nothing was fed into the new ones. */
    public Covariance widened(long width, NDManager owner) {
        if (width <= width()) {
            return this;
        }
        NDArray grown = owner.zeros(new Shape(isFactor ? matrix.getShape().get(0) : width, width));
        grown.set(new NDIndex("0:{}, 0:{}", matrix.getShape().get(0), width()), matrix);
        return new Covariance(grown, isFactor);
    }

    /** Returns it with a mean diagonal of 1, or as it is where that is zero. */
    public Covariance scaled(NDManager owner) {
        double mean = trace() / width();
        double factor = mean > 0 ? 1 / mean : 1;
        NDArray scaled = matrix.mul((float) (isFactor ? Math.sqrt(factor) : factor));
        scaled.attach(owner);
        return new Covariance(scaled, isFactor);
    }

    /** Returns a copy that another owns. */
    public Covariance copy(NDManager owner) {
        return new Covariance(EngineMemory.copy(matrix, owner), isFactor);
    }
}
