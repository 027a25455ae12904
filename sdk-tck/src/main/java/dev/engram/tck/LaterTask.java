package dev.engram.tck;

import ai.djl.Model;
import ai.djl.nn.Parameter;
import ai.djl.training.listener.TrainingListener;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How a task is learnt after the first one.
 *
 * @param task which of {@link SmallTasks}
 * @param freezesHead whether the last layer stays as it is
 */
record LaterTask(int task, boolean freezesHead) {

    private static final int WEIGHT_AND_BIAS = 2;

    /** The control is the same for every rule, so it is trained once. */
    private static final Map<LaterTask, Double> UNGUARDED = new ConcurrentHashMap<>();

    /** Returns what an unguarded model still knows of the first task afterwards. */
    double unguarded() {
        return UNGUARDED.computeIfAbsent(this, LaterTask::forget);
    }

    private double forget() {
        try (Model model = SmallTasks.model()) {
            SmallTasks.fit(model, 0, SmallTasks.FIRST_EPOCHS);
            learn(model);
            return SmallTasks.accuracy(model, 0);
        }
    }

    /** Trains it for long enough that an unguarded network forgets the first one. */
    void learn(Model model, TrainingListener... listeners) {
        fit(model, task, listeners);
    }

    /** Trains the second task in the same way. */
    void learnSecond(Model model, TrainingListener listener) {
        fit(model, 1, listener);
    }

    private void fit(Model model, int which, TrainingListener... listeners) {
        List<Parameter> all = model.getBlock().getParameters().values();
        List<Parameter> head = all.subList(all.size() - WEIGHT_AND_BIAS, all.size());
        if (freezesHead) {
            head.forEach(one -> one.freeze(true));
        }
        SmallTasks.fit(model, which, SmallTasks.LATER_EPOCHS, listeners);
        if (freezesHead) {
            head.forEach(one -> one.freeze(false));
        }
    }
}
