package dev.engram.replay.selection;

import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How much a source may keep; all three hold together. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Budget {

    private final long samples;
    private final long bytes;
    private final long samplesAClass;

    private Budget(long samples, long bytes, long samplesAClass) {
        if (samples < 1 || bytes < 1 || samplesAClass < 1) {
            throw new InvalidOptionException(
                    "A replay budget of %d samples, %d bytes, %d samples a class keeps nothing: give 1 or more of each"
                            .formatted(samples, bytes, samplesAClass));
        }
        this.samples = samples;
        this.bytes = bytes;
        this.samplesAClass = samplesAClass;
    }

    /**
     * Returns the budget with these values.
     *
     * @param samples the most samples, 1 or more
     * @param bytes the most bytes of arrays as they are stored, 1 or more
     * @param samplesAClass the most samples of one class of one task, 1 or more; selections that do
     *     not look at classes ignore it
     */
    public static Budget of(long samples, long bytes, long samplesAClass) {
        return new Budget(samples, bytes, samplesAClass);
    }

    /** Returns the most samples, 1 or more. */
    public long samples() {
        return samples;
    }

    /** Returns the most bytes of arrays as they are stored, 1 or more. */
    public long bytes() {
        return bytes;
    }

    /**
     * Returns the most samples of one class of one task, 1 or more; selections that do not look at
     * classes ignore it.
     */
    public long samplesAClass() {
        return samplesAClass;
    }

    /** Returns a budget of so many samples, of whatever size. */
    public static Budget ofSamples(long samples) {
        return new Budget(samples, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /** Returns a budget of so many bytes. */
    public static Budget ofBytes(long bytes) {
        return new Budget(Long.MAX_VALUE, bytes, Long.MAX_VALUE);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Budget that
                && samples == that.samples
                && bytes == that.bytes
                && samplesAClass == that.samplesAClass;
    }

    @Override
    public int hashCode() {
        return Objects.hash(samples, bytes, samplesAClass);
    }
}
