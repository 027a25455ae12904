package dev.engram.djl.internal.check;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a listener has heard of one trainer's loop, and what it says if that was nothing. */
public final class HeardLoop {

    private static final Logger LOG = LoggerFactory.getLogger(HeardLoop.class);

    private boolean trains;
    private boolean validates;

    /** Hears of a batch. */
    public void batch() {
        trains = true;
    }

    /** A trainer that only evaluates has no task to lose. */
    public void validationBatch() {
        validates = true;
    }

    /** Hears of an epoch that no task was in. */
    public void epochWithoutTask() {
        if (!trains) {
            LOG.warn(
                    "An epoch ended, but this listener heard of no batch: NOTHING is protected."
                            + " Train with EasyTrain.fit or EasyTrain.trainBatch, or notify the"
                            + " listeners of onTrainingBatch after each backward pass and before"
                            + " trainer.step().");
        }
    }

    /** Hears of the end of a trainer that no task was in. */
    public void endWithoutTask() {
        if (!trains && !validates) {
            LOG.warn(
                    "A trainer ended of which this listener heard no batch: if it trained, its"
                            + " task is NOT protected. Train with EasyTrain.fit or"
                            + " EasyTrain.trainBatch, or notify the listeners of"
                            + " onTrainingBatch and onEpoch.");
        }
    }
}
