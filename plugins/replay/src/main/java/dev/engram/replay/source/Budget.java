package dev.engram.replay.source;

import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;

/**
 * How much a source may keep; all three hold together.
 *
 * @param samples the most samples, 1 or more
 * @param bytes the most bytes of arrays as they are stored, 1 or more
 * @param samplesAClass the most samples of one class of one task, 1 or more; selections that do not
 *     look at classes ignore it
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public record Budget(long samples, long bytes, long samplesAClass) {

    /** Checks the values. */
    public Budget {
        if (samples < 1 || bytes < 1 || samplesAClass < 1) {
            throw new InvalidOptionException(
                    "A replay budget of %d samples, %d bytes, %d samples a class keeps nothing: give 1 or more of each"
                            .formatted(samples, bytes, samplesAClass));
        }
    }

    /** Returns a budget of so many samples, of whatever size. */
    public static Budget ofSamples(long samples) {
        return new Budget(samples, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /** Returns a budget of so many bytes. */
    public static Budget ofBytes(long bytes) {
        return new Budget(Long.MAX_VALUE, bytes, Long.MAX_VALUE);
    }
}
