package dev.engram.generativereplay;

/** A small symmetric matrix on the host, taken apart by Jacobi's rotations. */
final class SymmetricMatrix {

    private static final int SWEEPS = 60;
    private static final double SMALL = 1e-22;

    private final int size;
    private final double[][] values;
    private final double[][] vectors;

    /**
     * Takes a matrix apart.
     *
     * @param rows the matrix row by row, of which the mean with its transpose is taken
     */
    SymmetricMatrix(float[] rows, int size) {
        this.size = size;
        this.values = new double[size][size];
        this.vectors = new double[size][size];
        for (int i = 0; i < size; i++) {
            vectors[i][i] = 1;
            for (int j = 0; j < size; j++) {
                values[i][j] = 0.5 * ((double) rows[i * size + j] + rows[j * size + i]);
            }
        }
        for (int sweep = 0; sweep < SWEEPS && offDiagonal() > SMALL * diagonal(); sweep++) {
            rotateAll();
        }
    }

    /** Returns an eigenvalue; they stand in no order. */
    double value(int which) {
        return values[which][which];
    }

    /** Returns a component of the eigenvector of an eigenvalue. */
    double vector(int which, int component) {
        return vectors[component][which];
    }

    private double offDiagonal() {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < i; j++) {
                sum += 2 * values[i][j] * values[i][j];
            }
        }
        return sum;
    }

    private double diagonal() {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += values[i][i] * values[i][i];
        }
        return sum;
    }

    private void rotateAll() {
        for (int i = 0; i < size; i++) {
            for (int j = i + 1; j < size; j++) {
                if (values[i][j] != 0) {
                    rotate(i, j);
                }
            }
        }
    }

    /** Makes one pair of elements zero. */
    private void rotate(int p, int q) {
        double theta = (values[q][q] - values[p][p]) / (2 * values[p][q]);
        double tangent = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(theta, 1));
        double cosine = 1 / Math.hypot(tangent, 1);
        double sine = tangent * cosine;
        for (int k = 0; k < size; k++) {
            turn(values[k], p, q, cosine, sine);
            turn(vectors[k], p, q, cosine, sine);
        }
        for (int k = 0; k < size; k++) {
            double first = values[p][k];
            double second = values[q][k];
            values[p][k] = cosine * first - sine * second;
            values[q][k] = sine * first + cosine * second;
        }
    }

    private static void turn(double[] row, int p, int q, double cosine, double sine) {
        double first = row[p];
        double second = row[q];
        row[p] = cosine * first - sine * second;
        row[q] = sine * first + cosine * second;
    }
}
