package dev.engram.generativereplay.internal.samples;

import dev.engram.api.task.Task;
import java.util.List;

/**
 * A class that can be drawn.
 *
 * @param task the name of the task that it was learnt in
 * @param label as the loss takes it: one number, or several, such as those of one-hot labels
 * @param samples how many samples of the task it was fitted to
 */
public record ClassOfTask(String task, List<Double> label, long samples) {

    /** Returns the same, of which nothing is drawn any more. */
    public ClassOfTask none() {
        return new ClassOfTask(task, label, 0);
    }

    /** Returns whether it was learnt in a task. */
    public boolean isOf(Task other) {
        return task.equals(other.name());
    }
}
