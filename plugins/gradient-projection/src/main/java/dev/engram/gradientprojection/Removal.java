package dev.engram.gradientprojection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.engram.gradientprojection.internal.energy.Spectrum;
import dev.engram.kit.autograd.EngineMemory;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is taken out of a layer's update, a matrix from the right: one, or the product of a high and
 * a broad one.
 */
record Removal(NDArray left, @Nullable NDArray right) {

    /** Directions of which less is taken away are left alone. */
    private static final double LEAST = 0.01;

    /** Returns one that takes away a share of each direction. */
    static Removal of(Spectrum spectrum, DoubleUnaryOperator share, NDManager owner) {
        double[] energies = spectrum.energies();
        int count = 0;
        while (count < energies.length && share.applyAsDouble(energies[count]) >= LEAST) {
            count++;
        }
        float[] shares = new float[count];
        for (int i = 0; i < count; i++) {
            shares[i] = (float) share.applyAsDouble(energies[i]);
        }
        long width = spectrum.directions().getShape().get(1);
        try (NDManager work = owner.newSubManager()) {
            if (count == 0) {
                return new Removal(
                        owner.zeros(new Shape(width, 1)), owner.zeros(new Shape(1, width)));
            }
            NDArray right = spectrum.directions().get(new NDIndex("0:{}, :", count));
            right.attach(work);
            NDArray weights = work.create(shares, new Shape(1, count));
            NDArray left = right.transpose();
            left.attach(work);
            NDArray weighted = left.mul(weights);
            return 2L * count < width
                    ? new Removal(
                            EngineMemory.copy(weighted, owner), EngineMemory.copy(right, owner))
                    : new Removal(EngineMemory.copy(weighted.matMul(right), owner), null);
        }
    }

    /** Returns what is to be taken out of an update; it goes with the update's manager. */
    NDArray from(NDArray update) {
        NDArray through = update.matMul(left);
        return right == null ? through : through.matMul(right);
    }
}
