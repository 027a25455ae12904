package dev.engram.onnx.adapter;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;

/**
 * What an adapter adds to one layer: {@code y = x·W + (x·A)·B}.
 *
 * @param a (in, rank)
 * @param b (rank, out), with the scale already in it, because the file format has no place for one
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public record LowRankPair(FloatMatrix a, FloatMatrix b) {

    /** Checks the pair. */
    public LowRankPair {
        if (a.columns() != b.rows() || a.columns() == 0) {
            throw new EngramException(
                    "A is a %s and B a %s: A's columns and B's rows are the rank, at least 1"
                            .formatted(a, b));
        }
        if (!a.isFinite() || !b.isFinite()) {
            throw new EngramException(
                    "A or B holds NaN or an infinite value: the training that made it diverged");
        }
    }

    /** Returns the pair that adds {@code scale · (x·A)·B}, such as {@code alpha / rank}. */
    public static LowRankPair of(FloatMatrix a, FloatMatrix b, double scale) {
        return new LowRankPair(a, b.times(scale));
    }

    /** Returns the rank. */
    public int rank() {
        return a.columns();
    }
}
