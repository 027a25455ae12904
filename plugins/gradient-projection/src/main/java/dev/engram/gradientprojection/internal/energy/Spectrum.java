package dev.engram.gradientprojection.internal.energy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.kit.autograd.EngineMemory;
import java.util.Arrays;

/**
 * The directions of a covariance and their energies, largest first; those without energy are left
 * out. Made on the host, between tasks.
 */
public final class Spectrum {

    private static final double LEAST = 1e-7;

    private final double[] energies;
    private final NDArray directions;

    /**
     * Creates one.
     *
     * @param directions a row each, of length 1
     */
    public Spectrum(double[] energies, NDArray directions) {
        this.energies = energies;
        this.directions = directions;
    }

    /** Returns the energies, largest first. */
    public double[] energies() {
        return energies;
    }

    /** Returns a row for each energy. */
    public NDArray directions() {
        return directions;
    }

    /** Decomposes a covariance. */
    public static Spectrum of(Covariance covariance, NDManager owner) {
        return covariance.isFactor()
                ? ofFactor(covariance.matrix(), owner)
                : ofMatrix(covariance.matrix(), owner);
    }

    private static Spectrum ofMatrix(NDArray matrix, NDManager owner) {
        SymmetricEigen eigen = SymmetricEigen.of(rows(matrix));
        int count = count(eigen.values());
        return new Spectrum(
                Arrays.copyOf(eigen.values(), count),
                array(eigen.vectors(), count, (int) matrix.getShape().get(1), owner));
    }

    /** {@code F Fᵀ = V S Vᵀ} has the energies of {@code Fᵀ F}, whose directions are {@code VᵀF}. */
    private static Spectrum ofFactor(NDArray factor, NDManager owner) {
        NDArray products = in(owner, factor.matMul(in(owner, factor.transpose())));
        SymmetricEigen eigen = SymmetricEigen.of(rows(products));
        int count = count(eigen.values());
        int rank = (int) factor.getShape().get(0);
        double[][] shares = new double[count][];
        for (int i = 0; i < count; i++) {
            double length = Math.sqrt(eigen.values()[i]);
            shares[i] = Arrays.stream(eigen.vectors()[i]).map(v -> v / length).toArray();
        }
        NDArray directions = array(shares, count, rank, owner).matMul(factor);
        return new Spectrum(Arrays.copyOf(eigen.values(), count), in(owner, directions));
    }

    private static NDArray in(NDManager owner, NDArray made) {
        made.attach(owner);
        return made;
    }

    private static int count(double[] values) {
        int count = 0;
        while (count < values.length && values[count] > LEAST * values[0] && values[count] > 0) {
            count++;
        }
        return count;
    }

    private static double[][] rows(NDArray matrix) {
        int rows = (int) matrix.getShape().get(0);
        int columns = (int) matrix.getShape().get(1);
        float[] values = matrix.toFloatArray();
        double[][] read = new double[rows][columns];
        for (int i = 0; i < values.length; i++) {
            read[i / columns][i % columns] = values[i];
        }
        return read;
    }

    private static NDArray array(double[][] rows, int count, int width, NDManager owner) {
        float[] values = new float[count * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) rows[i / width][i % width];
        }
        try (NDArray made = owner.create(values, new Shape(count, width))) {
            return EngineMemory.copy(made, owner);
        }
    }
}
