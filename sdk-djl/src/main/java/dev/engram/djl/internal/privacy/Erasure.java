package dev.engram.djl.internal.privacy;

import dev.engram.api.EngramException;
import dev.engram.djl.privacy.ErasureAudit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * An erasure under way: one part that fails keeps no other from removing its samples, and all
 * failures are told at the end.
 */
public final class Erasure {

    private final String subject;
    private final List<RuntimeException> failures = new ArrayList<>();
    private long removed;

    /** Begins the erasure of a subject's samples. */
    public Erasure(String subject) {
        this.subject = subject;
    }

    /** Lets a part remove its samples and adds their number. */
    public void count(LongSupplier part) {
        run(() -> removed += part.getAsLong());
    }

    /** Lets a part remove its samples, which are not counted. */
    public void run(Runnable part) {
        try {
            part.run();
        } catch (RuntimeException e) {
            failures.add(e);
        }
    }

    /**
     * Records the erasure and returns how many samples were removed.
     *
     * @throws EngramException if a part failed, naming each that did
     */
    public long finish(ErasureAudit audit) {
        run(() -> audit.record(subject, removed, failures.size()));
        if (failures.isEmpty()) {
            return removed;
        }
        List<String> told =
                failures.stream().map(Throwable::getMessage).map(String::valueOf).toList();
        EngramException failure =
                new EngramException(
                        "The erasure is NOT complete: %s samples were removed, but some may be left where it failed. Mend that and erase again.\n  - %s"
                                .formatted(removed, String.join("\n  - ", told)),
                        failures.get(0));
        failures.stream().skip(1).forEach(failure::addSuppressed);
        throw failure;
    }
}
