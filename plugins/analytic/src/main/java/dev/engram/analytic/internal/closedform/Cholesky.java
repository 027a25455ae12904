package dev.engram.analytic.internal.closedform;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Cholesky factor {@code A = L·Lᵀ} of a positive definite float64 matrix, for solving with it.
 *
 * <p>DJL has an inverse and no factorisation. By blocks nearly all of the work is the engine's
 * matrix product; only the blocks on the diagonal are factorised here. A third of the inverse's
 * work, and more exact.
 */
public final class Cholesky {

    private static final int BLOCK = 128;

    private final NDArray factor;
    private final List<NDArray> inverses;

    private Cholesky(NDArray factor, List<NDArray> inverses) {
        this.factor = factor;
        this.inverses = inverses;
    }

    /**
     * Factorises a matrix in its own memory.
     *
     * @param matrix symmetric; overwritten
     * @param scratch owns what the factor needs; close it when all is solved
     * @throws ArithmeticException if it is not positive definite
     */
    public static Cholesky of(NDArray matrix, NDManager scratch) {
        int size = (int) matrix.getShape().get(0);
        List<NDArray> inverses = new ArrayList<>();
        for (int from = 0; from < size; from += BLOCK) {
            int to = Math.min(size, from + BLOCK);
            try (NDManager work = scratch.newSubManager()) {
                takeOffKnown(matrix, from, to, work);
                NDArray inverse = factorise(matrix, from, to, work);
                if (to < size) {
                    NDIndex place = new NDIndex("{}:, {}:{}", to, from, to);
                    NDArray below = in(work, matrix.get(place));
                    matrix.set(place, in(work, below.matMul(in(work, inverse.transpose()))));
                }
                inverses.add(in(scratch, inverse));
            }
        }
        return new Cholesky(matrix, inverses);
    }

    /** Takes off a block's columns what the columns before it explain. */
    private static void takeOffKnown(NDArray matrix, int from, int to, NDManager work) {
        if (from > 0) {
            NDArray columns = in(work, matrix.get(new NDIndex("{}:, {}:{}", from, from, to)));
            NDArray before = in(work, matrix.get(new NDIndex("{}:, :{}", from, from)));
            NDArray own = in(work, matrix.get(new NDIndex("{}:{}, :{}", from, to, from)));
            columns.subi(in(work, before.matMul(in(work, own.transpose()))));
        }
    }

    /** Factorises a block on the diagonal, and returns the inverse of its factor. */
    private static NDArray factorise(NDArray matrix, int from, int to, NDManager work) {
        int size = to - from;
        NDIndex place = new NDIndex("{}:{}, {}:{}", from, to, from, to);
        double[] values = in(work, matrix.get(place)).toDoubleArray();
        lower(values, size);
        matrix.set(place, work.create(values, new Shape(size, size)));
        return in(work, work.create(inverse(values, size), new Shape(size, size)).duplicate());
    }

    private static NDArray in(NDManager owner, NDArray made) {
        made.attach(owner);
        return made;
    }

    /** Overwrites a matrix by its factor, zeros above the diagonal. */
    private static void lower(double[] a, int size) {
        for (int j = 0; j < size; j++) {
            double square = a[j * size + j] - dot(a, j * size, j * size, j);
            if (!(square > 0)) {
                throw new ArithmeticException("not positive definite");
            }
            double root = Math.sqrt(square);
            a[j * size + j] = root;
            for (int i = j + 1; i < size; i++) {
                a[i * size + j] = (a[i * size + j] - dot(a, i * size, j * size, j)) / root;
                a[j * size + i] = 0;
            }
        }
    }

    private static double dot(double[] a, int first, int second, int length) {
        double sum = 0;
        for (int k = 0; k < length; k++) {
            sum += a[first + k] * a[second + k];
        }
        return sum;
    }

    /** Returns the inverse of a factor, row by row. */
    private static double[] inverse(double[] factor, int size) {
        double[] inverse = new double[size * size];
        for (int i = 0; i < size; i++) {
            double pivot = factor[i * size + i];
            for (int k = 0; k < i; k++) {
                double weight = factor[i * size + k];
                for (int j = 0; j <= k; j++) {
                    inverse[i * size + j] -= weight * inverse[k * size + j];
                }
            }
            for (int j = 0; j < i; j++) {
                inverse[i * size + j] /= pivot;
            }
            inverse[i * size + i] = 1 / pivot;
        }
        return inverse;
    }

    /**
     * Returns {@code A⁻¹·B}.
     *
     * @param right of as many rows; it stays as it is
     * @param owner of what is returned
     */
    public NDArray solve(NDArray right, NDManager owner) {
        NDArray solution = right.duplicate();
        solution.attach(owner);
        int blocks = inverses.size();
        for (int i = 0; i < blocks; i++) {
            substitute(solution, i, false);
        }
        for (int i = blocks - 1; i >= 0; i--) {
            substitute(solution, i, true);
        }
        return solution;
    }

    /** Solves one block of rows, downwards with L or upwards with its transpose. */
    private void substitute(NDArray solution, int block, boolean isTransposed) {
        int size = (int) factor.getShape().get(0);
        int from = block * BLOCK;
        int to = Math.min(size, from + BLOCK);
        try (NDManager work = factor.getManager().newSubManager()) {
            NDIndex place = new NDIndex("{}:{}, :", from, to);
            NDArray rows = solution.get(place);
            rows.attach(work);
            NDArray rest = known(isTransposed, from, to, size, solution, work);
            NDArray left = rest == null ? rows : rows.sub(rest);
            NDArray inverse = inverses.get(block);
            NDArray solved = (isTransposed ? inverse.transpose() : inverse).matMul(left);
            solved.attach(work);
            solution.set(place, solved);
        }
    }

    private @Nullable NDArray known(
            boolean isTransposed, int from, int to, int size, NDArray solution, NDManager work) {
        if (isTransposed ? to == size : from == 0) {
            return null;
        }
        NDArray weights =
                isTransposed
                        ? factor.get(new NDIndex("{}:, {}:{}", to, from, to)).transpose()
                        : factor.get(new NDIndex("{}:{}, :{}", from, to, from));
        weights.attach(work);
        NDArray solved =
                solution.get(
                        isTransposed ? new NDIndex("{}:, :", to) : new NDIndex(":{}, :", from));
        solved.attach(work);
        return weights.matMul(solved);
    }
}
