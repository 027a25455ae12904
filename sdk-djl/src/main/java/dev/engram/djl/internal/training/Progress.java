package dev.engram.djl.internal.training;

import dev.engram.api.task.Task;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far the training of a task has come. */
final class Progress {

    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

    private long batches;
    private long batchesInEpoch;
    private int epochs;
    private boolean hasFailed;

    void batch() {
        batches++;
        batchesInEpoch++;
    }

    /** Returns how many batches were seen. */
    long batches() {
        return batches;
    }

    /** Returns whether any batch was seen since the last epoch ended. */
    boolean isInEpoch() {
        return batchesInEpoch > 0;
    }

    /** Returns the number, from 1, of the epoch that trains. */
    int epoch() {
        return epochs + 1;
    }

    void endEpoch() {
        epochs++;
        batchesInEpoch = 0;
    }

    void fail() {
        hasFailed = true;
    }

    /** Returns whether at least one epoch ended, none was broken off, and no guard failed. */
    boolean isLearnt() {
        return epochs > 0 && batchesInEpoch == 0 && !hasFailed;
    }

    void warnOfNothingLearnt(Task task) {
        LOG.warn(
                "Task \"{}\" is NOT protected: its training ended after {} whole epochs and {}"
                    + " batches of another. If that was meant, call endTask() before the trainer"
                    + " closes; a loop of your own must notify its listeners of onEpoch.",
                task.name(),
                epochs,
                batchesInEpoch);
    }
}
