package dev.engram.onnx.adapter;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The place for one pair in a prepared model. All selected layers that use one weight share it. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class AdapterSlot {

    private static final String A = ".lora_A";
    private static final String B = ".lora_B";

    private final String weight;
    private final long in;
    private final long out;
    private final boolean outFirst;

    private AdapterSlot(String weight, long in, long out, boolean outFirst) {
        this.weight = weight;
        this.in = in;
        this.out = out;
        this.outFirst = outFirst;
    }

    /**
     * Returns the adapter slot with these values.
     *
     * @param weight the weight that it changes
     * @param in how many values go in
     * @param out how many values come out
     * @param outFirst whether the weight is stored as (out, in)
     */
    public static AdapterSlot of(String weight, long in, long out, boolean outFirst) {
        return new AdapterSlot(weight, in, out, outFirst);
    }

    /** Returns the weight that it changes. */
    public String weight() {
        return weight;
    }

    /** Returns how many values go in. */
    public long in() {
        return in;
    }

    /** Returns how many values come out. */
    public long out() {
        return out;
    }

    /** Returns whether the weight is stored as (out, in). */
    public boolean outFirst() {
        return outFirst;
    }

    /** Returns the name of the input for A. */
    public String a() {
        return a(weight);
    }

    /** Returns the name of the input for B. */
    public String b() {
        return b(weight);
    }

    /**
     * Returns the pair for an update {@code W + scale · left·right} of the weight as it is stored:
     * what LoRA over a DJL parameter of that shape learns, {@code left} being its B and {@code
     * right} its A.
     *
     * @throws EngramException if the shapes do not fit the weight
     */
    public LowRankPair pair(FloatMatrix left, FloatMatrix right, double scale) {
        LowRankPair pair =
                outFirst
                        ? LowRankPair.of(right.transposed(), left.transposed(), scale)
                        : LowRankPair.of(left, right, scale);
        require(pair);
        return pair;
    }

    private void require(LowRankPair pair) {
        if (!fits(pair)) {
            throw new EngramException(misfit(pair));
        }
    }

    boolean fits(LowRankPair pair) {
        return pair.a().rows() == in && pair.b().columns() == out;
    }

    String misfit(LowRankPair pair) {
        return "%s: the layer is %d -> %d, the pair %d -> %d"
                .formatted(weight, in, out, pair.a().rows(), pair.b().columns());
    }

    static String a(String weight) {
        return weight + A;
    }

    static String b(String weight) {
        return weight + B;
    }

    static boolean isA(String parameter) {
        return parameter.endsWith(A) && parameter.length() > A.length();
    }

    static boolean isB(String parameter) {
        return parameter.endsWith(B) && parameter.length() > B.length();
    }

    /** Returns the weight that a parameter of either name belongs to. */
    static String weightOf(String parameter) {
        return parameter.substring(0, parameter.length() - A.length());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AdapterSlot that
                && weight.equals(that.weight)
                && in == that.in
                && out == that.out
                && outFirst == that.outFirst;
    }

    @Override
    public int hashCode() {
        return Objects.hash(weight, in, out, outFirst);
    }
}
