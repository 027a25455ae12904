package dev.engram.replay.internal.ledger;

import java.util.SplittableRandom;

/**
 * The random numbers of a source, whose place in the stream can be written down.
 *
 * <p>Follows the sequence of a {@link SplittableRandom} of the same seed.
 */
public final class Tags {

    private static final long STEP = 0x9e3779b97f4a7c15L;

    private long state;

    Tags(long state) {
        this.state = state;
    }

    /** Returns a number from 0 to {@link Long#MAX_VALUE} - 1. */
    public long next() {
        long tag = new SplittableRandom(state).nextLong() >>> 1;
        state += STEP;
        return Math.min(tag, Long.MAX_VALUE - 1);
    }

    /** Returns a number from 0 to {@code bound} - 1. */
    public int nextInt(int bound) {
        int drawn = new SplittableRandom(state).nextInt(bound);
        state += STEP;
        return drawn;
    }

    long state() {
        return state;
    }

    /**
     * Returns where to go on in another process.
     *
     * <p>Not where the state was written: a process that was killed may have used numbers beyond
     * it, and to use the same ones for other samples would tie their fates together.
     */
    static Tags after(long written) {
        return new Tags(new SplittableRandom(~written).nextLong());
    }
}
