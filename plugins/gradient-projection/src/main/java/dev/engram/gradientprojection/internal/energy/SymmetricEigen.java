package dev.engram.gradientprojection.internal.energy;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** Eigenvalues and eigenvectors of a symmetric matrix in float64, on the host. */
final class SymmetricEigen {

    private final double[] values;
    private final double[][] vectors;

    private SymmetricEigen(double[] values, double[][] vectors) {
        this.values = values;
        this.vectors = vectors;
    }

    /** Returns the eigenvalues, largest first. */
    double[] values() {
        return values;
    }

    /** Returns a row for each value, of length 1 and orthogonal to the others. */
    double[][] vectors() {
        return vectors;
    }

    /**
     * Decomposes a matrix.
     *
     * @throws ArithmeticException if it is not finite
     */
    static SymmetricEigen of(double[][] matrix) {
        EigenDecomposition_F64<DMatrixRMaj> eigen =
                DecompositionFactory_DDRM.eig(matrix.length, true, true);
        if (!eigen.decompose(new DMatrixRMaj(matrix))) {
            throw new ArithmeticException("eigenvalues of a matrix that is not finite");
        }
        return sorted(eigen, matrix.length);
    }

    private static SymmetricEigen sorted(EigenDecomposition_F64<DMatrixRMaj> eigen, int size) {
        double[] values =
                IntStream.range(0, size)
                        .mapToDouble(i -> eigen.getEigenvalue(i).getReal())
                        .toArray();
        int[] order =
                IntStream.range(0, size)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> -values[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        double[][] vectors = new double[size][];
        for (int i = 0; i < size; i++) {
            vectors[i] = eigen.getEigenVector(order[i]).data;
        }
        return new SymmetricEigen(
                IntStream.of(order).mapToDouble(i -> values[i]).toArray(), vectors);
    }
}
