package dev.engram.djl.internal.base;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says from time to time how far something long is. */
final class Progress {

    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
    private static final long PAUSE = 10_000_000_000L;

    private final int all;
    private long said = System.nanoTime();

    Progress(int all) {
        this.all = all;
    }

    /** Hears that so many are done. */
    void at(int done) {
        long now = System.nanoTime();
        if (now - said > PAUSE) {
            said = now;
            LOG.info("{} of {} inputs of the base", done, all);
        }
    }
}
