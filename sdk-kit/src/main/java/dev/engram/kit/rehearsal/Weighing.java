package dev.engram.kit.rehearsal;

import dev.engram.api.Stable;

/** How the loss of the new samples and that of the earlier ones weigh; the weights add up to 1. */
@Stable(since = "0.1", implementedBy = "nobody")
public enum Weighing {
    /** Every sample of a step weighs the same. */
    SAMPLES,
    /**
     * Every task weighs the same: after {@code k} tasks the earlier samples weigh {@code k/(k+1)}.
     */
    TASKS;

    /** Returns the weight of the earlier samples, 0 to 1. */
    double earlier(int fresh, int replayed, int earlierTasks) {
        return this == SAMPLES
                ? (double) replayed / (fresh + replayed)
                : (double) earlierTasks / (earlierTasks + 1);
    }
}
