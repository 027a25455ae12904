package dev.engram.assistant.training;

import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;

/**
 * How each domain is learnt.
 *
 * @param epochs passes over its sentences
 * @param batch sentences a step
 * @param rate of Adam at the first step
 */
public record Learning(int epochs, int batch, float rate) {

    private static final float LAST = 0.01f;

    /** Returns an optimizer for so many sentences; its rate falls to a hundredth over them. */
    public Optimizer optimizer(int sentences) {
        int steps = epochs * ((sentences + batch - 1) / batch);
        Tracker tracker =
                Tracker.cosine()
                        .setBaseValue(rate)
                        .optFinalValue(rate * LAST)
                        .setMaxUpdates(steps)
                        .build();
        return Optimizer.adam().optLearningRateTracker(tracker).build();
    }
}
