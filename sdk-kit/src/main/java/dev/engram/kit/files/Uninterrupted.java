package dev.engram.kit.files;

import dev.engram.api.Experimental;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Work on files that an interrupt of its thread does not cut short: Java closes a channel under a
 * thread that was interrupted, and what a task of hours has learnt would not be written.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Uninterrupted {

    private static final int MOST_ATTEMPTS = 100;

    private Uninterrupted() {}

    /** Work that may be begun again. */
    @FunctionalInterface
    public interface Work<T> {
        /** Returns what the work gave. */
        T done() throws IOException;
    }

    /** Returns the result; the thread is left as interrupted as it was. */
    public static <T> T get(Work<T> work) throws IOException {
        boolean wasInterrupted = Thread.interrupted();
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    return work.done();
                } catch (ClosedByInterruptException e) {
                    wasInterrupted = true;
                    Thread.interrupted();
                    if (attempt == MOST_ATTEMPTS) {
                        throw e;
                    }
                }
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
