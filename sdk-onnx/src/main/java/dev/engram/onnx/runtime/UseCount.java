package dev.engram.onnx.runtime;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the uses of something native, which is freed when it is retired and the last use ends.
 *
 * <p>Safe for concurrent use, without a lock. What is freed is never used again: {@link #begin}
 * fails from the retirement on.
 */
final class UseCount {

    private static final long RETIRED = Long.MIN_VALUE;

    private final AtomicLong uses = new AtomicLong();
    private final Runnable free;

    /**
     * Creates the count.
     *
     * @param free run once, by the thread that retires or by the one whose use ends last
     */
    UseCount(Runnable free) {
        this.free = free;
    }

    /** Begins a use, unless retired; each one that began must end. */
    boolean begin() {
        long seen = uses.get();
        while (seen >= 0) {
            if (uses.compareAndSet(seen, seen + 1)) {
                return true;
            }
            seen = uses.get();
        }
        return false;
    }

    void end() {
        if (uses.decrementAndGet() == RETIRED) {
            free.run();
        }
    }

    /** Lets no use begin from now on; has no effect the second time. */
    void retire() {
        long seen = uses.getAndUpdate(count -> count < 0 ? count : count + RETIRED);
        if (seen == 0) {
            free.run();
        }
    }
}
