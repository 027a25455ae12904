package dev.engram.gradientprojection.internal.energy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.autograd.RandomSigns;
import java.util.SplittableRandom;

/**
 * Sums up the outer products of what a layer is fed in one task.
 *
 * <p>Of a wide layer it keeps few rows instead, each a sum of many with random signs: their
 * products have the same expectation.
 */
public final class InputSum {

    private static final int ROWS_A_BATCH = 32;

    private final NDManager owner;
    private final boolean isFactor;
    private final SplittableRandom random;
    private NDArray sum;

    /** Begins with nothing. */
    public InputSum(long width, NDManager owner, SplittableRandom random) {
        this.owner = owner;
        this.random = random;
        this.isFactor = width > Covariance.WIDEST;
        this.sum = zeros(new Shape(isFactor ? 0 : width, width), owner);
    }

    /** The first rows come while the model runs, of which an ONNX graph closes whatever is made. */
    private static NDArray zeros(Shape shape, NDManager owner) {
        try (NDArray made = owner.zeros(shape)) {
            return EngineMemory.copy(made, owner);
        }
    }

    /** Adds rows; what it makes of them goes with their manager. */
    public void add(NDArray rows) {
        NDManager work = rows.getManager();
        if (!isFactor) {
            NDArray turned = rows.transpose();
            turned.attach(work);
            NDArray products = turned.matMul(rows);
            products.attach(work);
            sum.addi(products);
            return;
        }
        NDArray few = fewer(rows, ROWS_A_BATCH, work);
        NDArray all = sum.isEmpty() ? few : NDArrays.concat(new NDList(sum, few));
        all.attach(work);
        replace(
                all.getShape().get(0) > 2 * Covariance.RANK
                        ? fewer(all, Covariance.RANK, work)
                        : all);
    }

    private void replace(NDArray next) {
        NDArray kept = EngineMemory.copy(next, owner);
        sum.close();
        sum = kept;
    }

    /** Adds up rows with random signs. */
    private NDArray fewer(NDArray rows, int count, NDManager work) {
        int many = (int) rows.getShape().get(0);
        if (many <= count) {
            return rows;
        }
        NDArray signs = RandomSigns.of(new Shape(count, many), random, work);
        NDArray mixed = signs.mul(1 / Math.sqrt(count)).matMul(rows);
        mixed.attach(work);
        return mixed;
    }

    /** Returns the covariance, of a mean diagonal of 1. */
    public Covariance covariance() {
        try (NDManager work = owner.newSubManager()) {
            NDArray whole = sum;
            if (isFactor) {
                whole =
                        sum.isEmpty()
                                ? work.zeros(new Shape(1, sum.getShape().get(1)))
                                : fewer(sum, Covariance.RANK, work);
            }
            return Covariance.of(whole, isFactor).scaled(owner);
        }
    }
}
