package dev.engram.djl;

import ai.djl.Model;
import ai.djl.training.listener.TrainingListener;

/** {@link Points} for tests of other packages. */
public final class TrainedPoints {

    private TrainedPoints() {}

    /** Returns a new model. */
    public static Model model() {
        return Points.model(1);
    }

    /** Trains an epoch of a task. */
    public static void fit(Model model, int task, TrainingListener... listeners) {
        Points.fit(model, task, listeners);
    }
}
