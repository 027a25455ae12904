package dev.engram.onnx.adapter;

import dev.engram.api.Experimental;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A matrix product of a model that can get an adapter: {@code y = x·W} with a stored {@code W}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class AdaptableLayer {

    private final String node;
    private final String operator;
    private final String weight;
    private final long in;
    private final long out;
    private final boolean outFirst;

    private AdaptableLayer(
            String node, String operator, String weight, long in, long out, boolean outFirst) {
        this.node = node;
        this.operator = operator;
        this.weight = weight;
        this.in = in;
        this.out = out;
        this.outFirst = outFirst;
    }

    /**
     * Returns the adaptable layer with these values.
     *
     * @param node the node's name, or the name of its output where it has none
     * @param operator {@code MatMul} or {@code Gemm}
     * @param weight the name of the initialiser, or of the constant's output
     * @param in how many values {@code x} has in its last axis
     * @param out how many values {@code y} has in its last axis
     * @param outFirst whether the weight is stored as (out, in), as PyTorch does
     */
    public static AdaptableLayer of(
            String node, String operator, String weight, long in, long out, boolean outFirst) {
        return new AdaptableLayer(node, operator, weight, in, out, outFirst);
    }

    /** Returns the node's name, or the name of its output where it has none. */
    public String node() {
        return node;
    }

    /** Returns {@code MatMul} or {@code Gemm}. */
    public String operator() {
        return operator;
    }

    /** Returns the name of the initialiser, or of the constant's output. */
    public String weight() {
        return weight;
    }

    /** Returns how many values {@code x} has in its last axis. */
    public long in() {
        return in;
    }

    /** Returns how many values {@code y} has in its last axis. */
    public long out() {
        return out;
    }

    /** Returns whether the weight is stored as (out, in), as PyTorch does. */
    public boolean outFirst() {
        return outFirst;
    }

    @Override
    public String toString() {
        return "%s %s (weight %s, %d -> %d)".formatted(operator, node, weight, in, out);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AdaptableLayer that
                && node.equals(that.node)
                && operator.equals(that.operator)
                && weight.equals(that.weight)
                && in == that.in
                && out == that.out
                && outFirst == that.outFirst;
    }

    @Override
    public int hashCode() {
        return Objects.hash(node, operator, weight, in, out, outFirst);
    }
}
