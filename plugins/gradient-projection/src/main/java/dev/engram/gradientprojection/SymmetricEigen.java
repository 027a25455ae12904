package dev.engram.gradientprojection;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix in float64: Householder's reduction to three
 * diagonals, then QL steps with implicit shifts (Golub and Van Loan, sections 8.3.1 and 8.3.3).
 *
 * <p>DJL has neither. All inner loops run along rows.
 */
final class SymmetricEigen {

    private static final int MOST_STEPS = 60;

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

    /** Decomposes a matrix, which is overwritten. */
    static SymmetricEigen of(double[][] matrix) {
        int size = matrix.length;
        double[] diagonal = new double[size];
        double[] beside = new double[size];
        double[] scales = reduce(matrix, beside);
        for (int i = 0; i < size; i++) {
            diagonal[i] = matrix[i][i];
        }
        double[][] rows = transposed(reflections(matrix, scales));
        for (int i = 0; i < size; i++) {
            settle(diagonal, beside, rows, i);
        }
        return sorted(diagonal, rows);
    }

    /**
     * Reduces the matrix: reflection {@code k} lies in row {@code k} right of its diagonal, and its
     * factor in what is returned.
     */
    private static double[] reduce(double[][] matrix, double[] beside) {
        int size = matrix.length;
        double[] scales = new double[size];
        for (int k = 0; k < size - 1; k++) {
            double[] v = matrix[k];
            double norm = Math.sqrt(dot(v, v, k + 1, size));
            double head = v[k + 1];
            double turned = head > 0 ? -norm : norm;
            beside[k] = turned;
            if (norm == 0) {
                continue;
            }
            v[k + 1] = head - turned;
            // |v|² = 2 (|x|² - head·turned)
            scales[k] = 1 / (norm * norm - head * turned);
            reflect(matrix, v, scales[k], k + 1);
        }
        return scales;
    }

    /** Applies {@code I - scale·v·vᵀ} from both sides to what is left of the matrix. */
    private static void reflect(double[][] matrix, double[] v, double scale, int from) {
        int size = matrix.length;
        double[] w = new double[size];
        for (int i = from; i < size; i++) {
            add(w, scale * v[i], matrix[i], from, size);
        }
        add(w, -scale * dot(w, v, from, size) / 2, v, from, size);
        for (int i = from; i < size; i++) {
            double[] row = matrix[i];
            double a = v[i];
            double b = w[i];
            for (int j = from; j < size; j++) {
                row[j] -= a * w[j] + b * v[j];
            }
        }
    }

    /** Multiplies the reflections. */
    private static double[][] reflections(double[][] matrix, double[] scales) {
        int size = matrix.length;
        double[][] product = new double[size][size];
        for (int i = 0; i < size; i++) {
            product[i][i] = 1;
        }
        for (int k = size - 2; k >= 0; k--) {
            double[] v = matrix[k];
            double[] sum = new double[size];
            for (int i = k + 1; i < size; i++) {
                add(sum, v[i], product[i], k + 1, size);
            }
            for (int i = k + 1; i < size; i++) {
                add(product[i], -scales[k] * v[i], sum, k + 1, size);
            }
        }
        return product;
    }

    private static double[][] transposed(double[][] matrix) {
        int size = matrix.length;
        double[][] rows = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                rows[j][i] = matrix[i][j];
            }
        }
        return rows;
    }

    /** Turns until one value stands alone. */
    private static void settle(double[] diagonal, double[] beside, double[][] rows, int at) {
        for (int step = 0; step < MOST_STEPS; step++) {
            int end = at;
            while (end < diagonal.length - 1 && !isNegligible(diagonal, beside[end], end)) {
                end++;
            }
            if (end == at) {
                return;
            }
            turn(diagonal, beside, rows, at, end);
        }
        throw new ArithmeticException("eigenvalues of a matrix that is not finite");
    }

    private static boolean isNegligible(double[] diagonal, double beside, int at) {
        double near = Math.abs(diagonal[at]) + Math.abs(diagonal[at + 1]);
        return near + Math.abs(beside) == near;
    }

    /** One QL step with Wilkinson's shift, from {@code end} up to {@code at}. */
    private static void turn(double[] diagonal, double[] beside, double[][] rows, int at, int end) {
        double half = (diagonal[at + 1] - diagonal[at]) / (2 * beside[at]);
        double root = Math.copySign(Math.hypot(half, 1), half);
        double bulge = diagonal[end] - diagonal[at] + beside[at] / (half + root);
        double sine = 1;
        double cosine = 1;
        double shift = 0;
        for (int i = end - 1; i >= at; i--) {
            double f = sine * beside[i];
            double b = cosine * beside[i];
            double length = Math.hypot(f, bulge);
            beside[i + 1] = length;
            if (length == 0) {
                diagonal[i + 1] -= shift;
                beside[end] = 0;
                return;
            }
            sine = f / length;
            cosine = bulge / length;
            double next = diagonal[i + 1] - shift;
            double twice = (diagonal[i] - next) * sine + 2 * cosine * b;
            shift = sine * twice;
            diagonal[i + 1] = next + shift;
            bulge = cosine * twice - b;
            rotate(rows[i], rows[i + 1], sine, cosine);
        }
        diagonal[at] -= shift;
        beside[at] = bulge;
        beside[end] = 0;
    }

    private static void rotate(double[] first, double[] second, double sine, double cosine) {
        for (int k = 0; k < first.length; k++) {
            double a = first[k];
            double b = second[k];
            second[k] = sine * a + cosine * b;
            first[k] = cosine * a - sine * b;
        }
    }

    private static SymmetricEigen sorted(double[] diagonal, double[][] rows) {
        int[] order =
                IntStream.range(0, diagonal.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> -diagonal[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        double[] values = new double[order.length];
        double[][] vectors = new double[order.length][];
        for (int i = 0; i < order.length; i++) {
            values[i] = diagonal[order[i]];
            vectors[i] = rows[order[i]];
        }
        return new SymmetricEigen(values, vectors);
    }

    private static void add(double[] to, double factor, double[] what, int from, int until) {
        for (int i = from; i < until; i++) {
            to[i] += factor * what[i];
        }
    }

    private static double dot(double[] one, double[] other, int from, int until) {
        double sum = 0;
        for (int i = from; i < until; i++) {
            sum += one[i] * other[i];
        }
        return sum;
    }
}
