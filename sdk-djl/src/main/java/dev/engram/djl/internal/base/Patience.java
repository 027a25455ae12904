package dev.engram.djl.internal.base;

import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How long a base is asked, and how far that is. */
final class Patience {

    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);

    /** Of seconds; far more than small models need, whose dreams must not depend on the clock. */
    private static final long LIMIT = 300;

    private static final long PAUSE = 10;
    private static final double NANOS = 1e9;
    private static final int TRIES = 3;

    private final LongSupplier clock;
    private final long begin;
    private long said;

    /**
     * Begins.
     *
     * @param clock tells nanoseconds
     */
    Patience(LongSupplier clock) {
        this.clock = clock;
        this.begin = clock.getAsLong();
        this.said = begin;
    }

    /** Returns the most seconds. */
    long limit() {
        return LIMIT;
    }

    /** Returns how many seconds something takes: the least of some, because the first warm up. */
    double seconds(Runnable work) {
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < TRIES; i++) {
            long from = clock.getAsLong();
            work.run();
            least = Math.min(least, seconds(from));
        }
        return Math.max(least, 1 / NANOS);
    }

    /** Returns whether there is time for more, and says from time to time how far it is. */
    boolean lasts(int done, int all) {
        if (done > 0 && seconds(begin) > LIMIT) {
            LOG.info("{} s are over: {} inputs of the base, not {}, must do", LIMIT, done, all);
            return false;
        }
        if (seconds(said) > PAUSE) {
            said = clock.getAsLong();
            LOG.info("{} of {} inputs of the base", done, all);
        }
        return true;
    }

    private double seconds(long since) {
        return (clock.getAsLong() - since) / NANOS;
    }
}
