package dev.engram.generativereplay.internal.statistics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The directions in which samples differ most, each as long as the deviation along it: a low-rank
 * root of their covariance, found with random projections (Halko, Martinsson and Tropp 2011).
 *
 * <p>Everything as large as a sample stays on the device; only matrices of a few dozen rows are
 * read.
 */
public final class PrincipalAxes {

    private static final int OVERSAMPLING = 8;
    private static final int POWER_ITERATIONS = 4;

    /** Of the greatest eigenvalue; what is below it float32 cannot tell from nothing. */
    private static final double NOTHING = 1e-6;

    private PrincipalAxes() {}

    /**
     * Returns the axes, one a row, zeros where there is no further direction; in the manager of the
     * rows.
     *
     * @param centred samples less their mean, 2 rows at least
     */
    public static NDArray of(NDArray centred, int rank, SplittableRandom random) {
        NDManager manager = centred.getManager();
        long samples = centred.getShape().get(0);
        int columns = (int) Math.min(rank + OVERSAMPLING, samples);
        NDArray turned = centred.transpose();
        NDArray range = turned.matMul(manager.create(noise(samples, columns, random)));
        for (int i = 0; i < POWER_ITERATIONS; i++) {
            range = turned.matMul(centred.matMul(orthonormal(range)));
        }
        NDArray basis = orthonormal(range);
        NDArray within = centred.matMul(basis);
        SymmetricMatrix covariance = matrix(within.transpose().matMul(within).div(samples - 1));
        return basis.matMul(
                        roots(covariance, Math.toIntExact(basis.getShape().get(1)), rank, manager))
                .transpose();
    }

    /** Returns the eigenvectors of the greatest eigenvalues, times the roots of these. */
    private static NDArray roots(
            SymmetricMatrix covariance, int size, int rank, NDManager manager) {
        int[] order =
                IntStream.range(0, size)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> -covariance.value(i)))
                        .mapToInt(Integer::intValue)
                        .toArray();
        float[] roots = new float[size * rank];
        for (int axis = 0; axis < Math.min(rank, size); axis++) {
            double length = Math.sqrt(Math.max(0, covariance.value(order[axis])));
            for (int row = 0; row < size; row++) {
                roots[row * rank + axis] = (float) (length * covariance.vector(order[axis], row));
            }
        }
        return manager.create(roots, new Shape(size, rank));
    }

    /** Returns a basis of what columns span, without directions in which they are next to zero. */
    private static NDArray orthonormal(NDArray columns) {
        int count = Math.toIntExact(columns.getShape().get(1));
        SymmetricMatrix gram = matrix(columns.transpose().matMul(columns));
        double most = IntStream.range(0, count).mapToDouble(gram::value).max().orElse(0);
        int[] kept =
                IntStream.range(0, count).filter(i -> gram.value(i) > NOTHING * most).toArray();
        int width = Math.max(1, kept.length);
        float[] mixing = new float[count * width];
        for (int j = 0; j < kept.length; j++) {
            double scale = 1 / Math.sqrt(gram.value(kept[j]));
            for (int i = 0; i < count; i++) {
                mixing[i * width + j] = (float) (scale * gram.vector(kept[j], i));
            }
        }
        return columns.matMul(columns.getManager().create(mixing, new Shape(count, width)));
    }

    private static SymmetricMatrix matrix(NDArray small) {
        return new SymmetricMatrix(small.toFloatArray(), Math.toIntExact(small.getShape().get(0)));
    }

    private static float[][] noise(long rows, int columns, SplittableRandom random) {
        float[][] noise = new float[Math.toIntExact(rows)][columns];
        for (float[] row : noise) {
            for (int i = 0; i < columns; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        return noise;
    }
}
