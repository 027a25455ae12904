package dev.engram.generativereplay.internal.statistics;

import ai.djl.ndarray.NDArray;
import dev.engram.api.EngramException;

/** The least and the greatest of some numbers. */
public final class Range {

    private final float least;
    private final float greatest;

    private Range(float least, float greatest) {
        this.least = least;
        this.greatest = greatest;
    }

    /**
     * Returns that of inputs; waits for the device.
     *
     * @param of what they are, for an error
     * @throws EngramException if one of them is not finite
     */
    public static Range of(String of, NDArray inputs) {
        Range range = new Range(inputs.min().getFloat(), inputs.max().getFloat());
        if (!Float.isFinite(range.greatest - range.least)) {
            throw new EngramException(
                    "Generative replay cannot be fitted to %s: its inputs go from %s to %s. Look for NaN and infinity in the data"
                            .formatted(of, range.least, range.greatest));
        }
        return range;
    }

    /** Returns that of both. */
    public Range with(Range other) {
        return new Range(Math.min(least, other.least), Math.max(greatest, other.greatest));
    }

    /** Returns how far it goes, 1 where all numbers are the same. */
    public float width() {
        return greatest > least ? greatest - least : 1;
    }

    /** Returns the least. */
    public float least() {
        return least;
    }

    /** Returns the greatest. */
    public float greatest() {
        return greatest;
    }
}
