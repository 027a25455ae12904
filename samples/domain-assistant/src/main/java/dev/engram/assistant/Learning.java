package dev.engram.assistant;

import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;

/**
 * How each domain is learnt.
 *
 * @param epochs passes over its sentences
 * @param batch sentences a step
 * @param rate of Adam
 */
record Learning(int epochs, int batch, float rate) {

    /** Returns an optimizer for one domain. */
    Optimizer optimizer() {
        return Optimizer.adam().optLearningRateTracker(Tracker.fixed(rate)).build();
    }
}
