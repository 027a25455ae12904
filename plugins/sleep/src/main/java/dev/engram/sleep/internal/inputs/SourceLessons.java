package dev.engram.sleep.internal.inputs;

import ai.djl.ndarray.NDManager;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.task.Task;
import java.util.List;

/**
 * Samples that a source draws anew for each step.
 *
 * @param size how many
 */
public record SourceLessons(ReplaySource source, int size) implements Lessons {

    /** A task that nobody has, so that a draw leaves none out. */
    public static final Task NOBODYS = Task.named("engram sleep");

    @Override
    public List<Lesson> next(NDManager manager) {
        return source.draw(NOBODYS, size, manager).stream()
                .map(batch -> new Lesson(batch.data(), batch.labels(), batch.tasks()))
                .toList();
    }
}
