package dev.engram.onnx.adapter;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an adapter adds to one layer: {@code y = x·W + (x·A)·B}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class LowRankPair {

    private final FloatMatrix a;
    private final FloatMatrix b;

    private LowRankPair(FloatMatrix a, FloatMatrix b) {
        if (a.columns() != b.rows() || a.columns() == 0) {
            throw new EngramException(
                    "A is a %s and B a %s: A's columns and B's rows are the rank, at least 1"
                            .formatted(a, b));
        }
        if (!a.isFinite() || !b.isFinite()) {
            throw new EngramException(
                    "A or B holds NaN or an infinite value: the training that made it diverged");
        }
        this.a = a;
        this.b = b;
    }

    /**
     * Returns the low rank pair with these values.
     *
     * @param a (in, rank)
     * @param b (rank, out), with the scale already in it, because the file format has no place for
     *     one
     */
    public static LowRankPair of(FloatMatrix a, FloatMatrix b) {
        return new LowRankPair(a, b);
    }

    /** Returns A, of shape (in, rank). */
    public FloatMatrix a() {
        return a;
    }

    /**
     * Returns B, of shape (rank, out), with the scale already in it, because the file format has no
     * place for one.
     */
    public FloatMatrix b() {
        return b;
    }

    /** Returns the pair that adds {@code scale · (x·A)·B}, such as {@code alpha / rank}. */
    public static LowRankPair of(FloatMatrix a, FloatMatrix b, double scale) {
        return new LowRankPair(a, b.times(scale));
    }

    /** Returns the rank. */
    public int rank() {
        return a.columns();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LowRankPair that && a.equals(that.a) && b.equals(that.b);
    }

    @Override
    public int hashCode() {
        return Objects.hash(a, b);
    }
}
