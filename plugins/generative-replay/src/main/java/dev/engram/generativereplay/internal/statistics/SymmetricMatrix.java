package dev.engram.generativereplay.internal.statistics;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** A small symmetric matrix on the host, taken apart into eigenvalues and eigenvectors. */
final class SymmetricMatrix {

    private final EigenDecomposition_F64<DMatrixRMaj> eigen;

    /**
     * Takes a matrix apart.
     *
     * @param rows the matrix row by row, of which the mean with its transpose is taken
     * @throws ArithmeticException if it is not finite
     */
    SymmetricMatrix(float[] rows, int size) {
        DMatrixRMaj matrix = new DMatrixRMaj(size, size);
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                matrix.set(i, j, 0.5 * ((double) rows[i * size + j] + rows[j * size + i]));
            }
        }
        eigen = DecompositionFactory_DDRM.eig(size, true, true);
        if (!eigen.decompose(matrix)) {
            throw new ArithmeticException("eigenvalues of a matrix that is not finite");
        }
    }

    /** Returns an eigenvalue; they stand in no order. */
    double value(int which) {
        return eigen.getEigenvalue(which).getReal();
    }

    /** Returns a component of the eigenvector of an eigenvalue. */
    double vector(int which, int component) {
        return eigen.getEigenVector(which).get(component);
    }
}
