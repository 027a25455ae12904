package dev.engram.gradientprojection.internal.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SymmetricEigenTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 17, 120})
    void theVectorsAreOrthonormalAndGiveTheMatrixBack(int size) {
        double[][] matrix = random(size, size);
        SymmetricEigen eigen = SymmetricEigen.of(copy(matrix));
        isDecomposition(matrix, eigen);
    }

    @Test
    void aMatrixOfLowRankHasZerosAtTheEnd() {
        double[][] matrix = random(30, 4);
        SymmetricEigen eigen = SymmetricEigen.of(copy(matrix));
        isDecomposition(matrix, eigen);
        assertThat(eigen.values()[3]).isGreaterThan(1e-3);
        assertThat(eigen.values()[4]).isCloseTo(0, within(1e-10));
    }

    @Test
    void inputsThatAreAlwaysZeroAreNoTrouble() {
        double[][] matrix = new double[6][6];
        matrix[1][1] = 2;
        matrix[4][4] = 3;
        matrix[1][4] = 1;
        matrix[4][1] = 1;
        SymmetricEigen eigen = SymmetricEigen.of(copy(matrix));
        isDecomposition(matrix, eigen);
        assertThat(eigen.values()[0]).isCloseTo((5 + Math.sqrt(5)) / 2, within(1e-12));
        assertThat(eigen.values()[1]).isCloseTo((5 - Math.sqrt(5)) / 2, within(1e-12));
        assertThat(SymmetricEigen.of(new double[3][3]).values()).containsExactly(0, 0, 0);
    }

    private static void isDecomposition(double[][] matrix, SymmetricEigen eigen) {
        int size = matrix.length;
        double[][] v = eigen.vectors();
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                double product = 0;
                double back = 0;
                for (int k = 0; k < size; k++) {
                    product += v[i][k] * v[j][k];
                    back += eigen.values()[k] * v[k][i] * v[k][j];
                }
                assertThat(product).isCloseTo(i == j ? 1 : 0, within(1e-10));
                assertThat(back).isCloseTo(matrix[i][j], within(1e-9));
            }
            assertThat(i == 0 || eigen.values()[i - 1] >= eigen.values()[i]).isTrue();
        }
    }

    /** The products of random rows, of some rank. */
    private static double[][] random(int size, int rank) {
        Random random = new Random(size);
        double[][] factor = new double[rank][size];
        for (double[] row : factor) {
            for (int i = 0; i < size; i++) {
                row[i] = random.nextGaussian();
            }
        }
        double[][] matrix = new double[size][size];
        for (double[] row : factor) {
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < size; j++) {
                    matrix[i][j] += row[i] * row[j] / size;
                }
            }
        }
        return matrix;
    }

    private static double[][] copy(double[][] matrix) {
        double[][] copy = new double[matrix.length][];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = matrix[i].clone();
        }
        return copy;
    }
}
