package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.training.listener.TrainingListener;

/** The first of {@link SmallTasks}, which a later one makes an unguarded model forget. */
final class FirstTask {

    private FirstTask() {}

    /**
     * Trains a later task, and requires that the first one is kept and that something new is
     * learnt: who stops all training keeps the first one, too.
     */
    static void requireKept(Model model, LaterTask later, TrainingListener listener) {
        double control = later.unguarded();
        double unlearnt = SmallTasks.accuracy(model, 1);
        later.learn(model, listener);
        assertThat(SmallTasks.accuracy(model, 0))
                .as("accuracy of the first task; unguarded %s", control)
                .isGreaterThan(control + SmallTasks.MARGIN);
        if (later.task() == SmallTasks.PART) { // Nothing of it is new.
            later.learnSecond(model, listener);
        }
        assertThat(SmallTasks.accuracy(model, 1))
                .as("accuracy of a later task; before it trained %s", unlearnt)
                .isGreaterThan(unlearnt + SmallTasks.MARGIN);
    }
}
