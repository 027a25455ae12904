package dev.engram.analytic.internal.sums;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * A sum of outer products in float64: {@code Σ h hᵀ}, of which little more than a half is computed
 * and kept.
 *
 * <p>It lies in strips of rows, each from its diagonal block to the right.
 */
public final class SymmetricSum implements AutoCloseable {

    /** More strips save more of the products' other half; narrow products are slower. */
    private static final int MOST_STRIPS = 8;

    private static final int NARROWEST = 128;

    private final int width;
    private final int step;
    private final List<NDArray> strips;

    private SymmetricSum(int width, List<NDArray> strips) {
        this.width = width;
        this.step = step(width);
        this.strips = strips;
    }

    /** Returns a sum of nothing, over vectors of so many numbers. */
    public static SymmetricSum zeros(int width, NDManager manager) {
        List<NDArray> strips = new ArrayList<>();
        for (int from = 0; from < width; from += step(width)) {
            int rows = Math.min(step(width), width - from);
            strips.add(manager.zeros(new Shape(rows, width - from), DataType.FLOAT64));
        }
        return new SymmetricSum(width, strips);
    }

    /** Returns the sum that lies in strips of {@link #strips}. */
    public static SymmetricSum of(int width, List<NDArray> strips) {
        return new SymmetricSum(width, new ArrayList<>(strips));
    }

    private static int step(int width) {
        return Math.max(NARROWEST, (width + MOST_STRIPS - 1) / MOST_STRIPS);
    }

    public List<NDArray> strips() {
        return List.copyOf(strips);
    }

    /**
     * Adds the outer product of each row with itself; what it makes goes with the rows' manager.
     */
    public void add(NDArray rows) {
        for (int i = 0; i < strips.size(); i++) {
            int from = i * step;
            int to = Math.min(width, from + step);
            NDArray left = rows.get(new NDIndex(":, {}:{}", from, to)).transpose();
            NDArray right = rows.get(new NDIndex(":, {}:", from));
            strips.get(i).addi(left.matMul(right).toType(DataType.FLOAT64, false));
        }
    }

    public void addAll(SymmetricSum other) {
        for (int i = 0; i < strips.size(); i++) {
            strips.get(i).addi(other.strips.get(i));
        }
    }

    public void subtractAll(SymmetricSum other) {
        for (int i = 0; i < strips.size(); i++) {
            strips.get(i).subi(other.strips.get(i));
        }
    }

    public double leastOnDiagonal() {
        return diagonal().min().orElse(0);
    }

    public double mostOnDiagonal() {
        return diagonal().max().orElse(0);
    }

    private DoubleStream diagonal() {
        DoubleStream all = DoubleStream.empty();
        for (NDArray strip : strips) {
            long rows = strip.getShape().get(0);
            try (NDArray block = strip.get(new NDIndex(":, :{}", rows))) {
                double[] values = block.toDoubleArray();
                all =
                        DoubleStream.concat(
                                all,
                                IntStream.range(0, (int) rows)
                                        .mapToDouble(i -> values[i * (int) rows + i]));
            }
        }
        return all;
    }

    /** Returns the whole matrix. */
    public NDArray dense(NDManager owner) {
        NDArray whole = owner.zeros(new Shape(width, width), DataType.FLOAT64);
        for (int i = 0; i < strips.size(); i++) {
            int from = i * step;
            int to = Math.min(width, from + step);
            whole.set(new NDIndex("{}:{}, {}:", from, to, from), strips.get(i));
            if (to < width) {
                try (NDArray right = strips.get(i).get(new NDIndex(":, {}:", to - from));
                        NDArray below = right.transpose()) {
                    whole.set(new NDIndex("{}:, {}:{}", to, from, to), below);
                }
            }
        }
        return whole;
    }

    @Override
    public void close() {
        strips.forEach(NDArray::close);
    }
}
