package dev.engram.analytic.internal.sums;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All that a head is solved from: how many samples each class has, the sum of each class's features
 * and {@code Σ h hᵀ} over all samples, summed in float64.
 *
 * <p>Sums know no order: those of several tasks or machines add up, and what was added can be
 * subtracted.
 */
public final class HeadStatistics implements AutoCloseable {

    private static final double ROUNDING = 1e-6;

    private final NDManager manager;
    private final int width;
    private final @Nullable SymmetricSum products;
    private NDArray sums;
    private long[] counts;

    private HeadStatistics(
            NDManager manager,
            int width,
            @Nullable SymmetricSum products,
            NDArray sums,
            long[] counts) {
        this.manager = manager;
        this.width = width;
        this.products = products;
        this.sums = sums;
        this.counts = counts;
    }

    /** Returns those of no samples; {@code manager} owns them, and goes with them. */
    public static HeadStatistics none(int width, boolean hasProducts, NDManager manager) {
        NDManager own = manager.newSubManager();
        own.setName("engram head");
        SymmetricSum products = hasProducts ? SymmetricSum.zeros(width, own) : null;
        NDArray sums = own.zeros(new Shape(width, 0), DataType.FLOAT64);
        return new HeadStatistics(own, width, products, sums, new long[0]);
    }

    /** Returns those that were written down; {@code manager} owns the arrays. */
    public static HeadStatistics of(
            int width, List<NDArray> strips, NDArray sums, long[] counts, NDManager manager) {
        SymmetricSum products = strips.isEmpty() ? null : SymmetricSum.of(width, strips);
        return new HeadStatistics(manager, width, products, sums, counts);
    }

    public int width() {
        return width;
    }

    /** Returns one more than the largest class seen. */
    public int classes() {
        return counts.length;
    }

    public long count(int label) {
        return label < counts.length ? counts[label] : 0;
    }

    public long[] counts() {
        return counts.clone();
    }

    public long samples() {
        return Arrays.stream(counts).sum();
    }

    /** Returns the sum of each class's features, a column a class. */
    public NDArray sums() {
        return sums;
    }

    /** Returns the sum of products; refused by the kinds of heads that need none. */
    public SymmetricSum products() {
        if (products == null) {
            throw new IllegalStateException("no products are kept");
        }
        return products;
    }

    public boolean hasProducts() {
        return products != null;
    }

    /**
     * Adds samples.
     *
     * @param rows their features, few enough that their sums are good in their own precision, in a
     *     manager that the caller closes
     * @param labels their classes
     */
    public void add(NDArray rows, int[] labels) {
        grow(Arrays.stream(labels).max().orElse(-1) + 1);
        if (products != null) {
            products.add(rows);
        }
        NDArray each = rows.transpose().matMul(oneHot(labels, rows));
        sums.addi(each.toType(DataType.FLOAT64, false));
        for (int label : labels) {
            counts[label]++;
        }
    }

    private NDArray oneHot(int[] labels, NDArray rows) {
        long[] each = Arrays.stream(labels).asLongStream().toArray();
        return rows.getManager().create(each).oneHot(counts.length, rows.getDataType());
    }

    public void addAll(HeadStatistics other) {
        requireAlike(other);
        grow(other.counts.length);
        if (products != null) {
            products.addAll(other.products());
        }
        columns(other.counts.length, mine -> mine.addi(other.sums));
        for (int i = 0; i < other.counts.length; i++) {
            counts[i] += other.counts[i];
        }
    }

    /**
     * Takes samples out again.
     *
     * @throws EngramException if they were never added, as far as the sums show it; nothing has
     *     changed then
     */
    public void subtract(HeadStatistics other) {
        requireAlike(other);
        for (int i = 0; i < other.counts.length; i++) {
            if (other.counts[i] > count(i)) {
                throw new EngramException(
                        "%d samples of class %d are to be taken out, but only %d were learnt: nothing was taken out. Give exactly the samples that were learnt, with their labels."
                                .formatted(other.counts[i], i, count(i)));
            }
        }
        if (products != null) {
            double most = products.mostOnDiagonal();
            products.subtractAll(other.products());
            if (products.leastOnDiagonal() < -ROUNDING * most) {
                products.addAll(other.products());
                throw new EngramException(
                        "These samples were never learnt: without them a sum of squares would be"
                                + " negative. Nothing was taken out. Give exactly the samples that"
                                + " were learnt, as the base saw them.");
            }
        }
        columns(other.counts.length, mine -> mine.subi(other.sums));
        for (int i = 0; i < other.counts.length; i++) {
            counts[i] -= other.counts[i];
        }
        if (samples() == 0) {
            dropRounding();
        }
    }

    /** What is left of sums over no samples says nothing, and is gone. */
    private void dropRounding() {
        sums.subi(sums);
        if (products != null) {
            products.subtractAll(products);
        }
    }

    private void requireAlike(HeadStatistics other) {
        if (other.width != width || other.hasProducts() != hasProducts()) {
            throw new EngramException(
                    "These sums are over %d features%s, those over %d%s: they do not add up. Both must be of the same method over the same base."
                            .formatted(width, words(), other.width, other.words()));
        }
    }

    private String words() {
        return hasProducts() ? " and their products" : "";
    }

    private void columns(int classes, Consumer<NDArray> change) {
        if (classes > 0) {
            try (NDArray mine = sums.get(new NDIndex(":, :{}", classes))) {
                change.accept(mine);
            }
        }
    }

    private void grow(int classes) {
        if (classes <= counts.length) {
            return;
        }
        NDArray wider = manager.zeros(new Shape(width, classes), DataType.FLOAT64);
        if (counts.length > 0) {
            wider.set(new NDIndex(":, :{}", counts.length), sums);
        }
        sums.close();
        sums = wider;
        counts = Arrays.copyOf(counts, classes);
    }

    /** Returns the strips of the sum of products, see {@link SymmetricSum}; none without it. */
    public List<NDArray> strips() {
        return products == null ? new ArrayList<>() : products.strips();
    }

    @Override
    public void close() {
        manager.close();
    }
}
