package dev.engram.djl;

import dev.engram.api.EngramException;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.history.TaskHistory;
import dev.engram.djl.internal.training.TaskSession;
import org.jspecify.annotations.Nullable;

/**
 * The boundaries between tasks that a user names himself.
 *
 * @param training what trains now
 * @param history the tasks that were learnt
 */
record TaskBoundaries(GuardedTraining training, TaskHistory history) {

    void next(String name) {
        Task task = Task.named(name);
        TaskSession current = started();
        if (current != null) {
            requireOther(current.task(), task);
        }
        history.requireNew(name);
        if (current != null) {
            training.learn(current);
        }
        training.name(name);
    }

    void end() {
        TaskSession current = started();
        if (current == null) {
            throw new EngramException(
                    "No task is in training: endTask() belongs after its last batch");
        }
        training.learn(current);
    }

    private @Nullable TaskSession started() {
        TaskSession current = training.session();
        return current != null && current.hasStarted() ? current : null;
    }

    private static void requireOther(Task current, Task next) {
        if (current.equals(next)) {
            throw new EngramException(
                    "Task \"%s\" is the one that trains now: give the next one another name"
                            .formatted(next.name()));
        }
    }
}
