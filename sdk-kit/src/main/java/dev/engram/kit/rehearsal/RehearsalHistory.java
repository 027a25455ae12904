package dev.engram.kit.rehearsal;

import dev.engram.api.task.Task;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a task was rehearsed at all, which is said where it was not. */
final class RehearsalHistory {

    private static final Logger LOG = LoggerFactory.getLogger(RehearsalHistory.class);

    private long steps;
    private long rehearsals;
    private boolean hasEarlier;

    void begin() {
        steps = 0;
        rehearsals = 0;
        hasEarlier = false;
    }

    /**
     * Counts a step.
     *
     * @param hasEarlier whether there are samples of earlier tasks
     */
    void step(boolean hasEarlier) {
        steps++;
        this.hasEarlier |= hasEarlier;
    }

    void rehearse() {
        rehearsals++;
    }

    /** Says it loudly if a task with earlier ones before it rehearsed none of them. */
    void end(String guard, Task task, int every) {
        if (hasEarlier && rehearsals == 0) {
            LOG.warn(
                    "{}: task \"{}\" has been trained without a single rehearsal, so earlier tasks"
                            + " were NOT protected: {}.",
                    guard,
                    task.name(),
                    steps < every
                            ? "its %s steps are fewer than every = %s; write 1"
                                    .formatted(steps, every)
                            : "in %s steps there were never two samples to draw at once; raise share"
                                    .formatted(steps));
        }
    }
}
