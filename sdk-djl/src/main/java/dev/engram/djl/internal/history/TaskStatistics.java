package dev.engram.djl.internal.history;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import dev.engram.api.EngramException;
import dev.engram.djl.internal.memory.Generation;
import dev.engram.djl.internal.memory.GenerationDraft;
import dev.engram.djl.internal.parameters.RunningStatistics;
import dev.engram.djl.memory.LearntTask;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running statistics with which each task was learnt: what no guard holds, because no gradient
 * moves them.
 */
final class TaskStatistics {

    private static final Logger LOG = LoggerFactory.getLogger(TaskStatistics.class);

    /**
     * In standard deviations. Measured: 0.2 to 0.3 where a task trains on, 0.6 by other digits or
     * permuted pixels, 4 by pictures of another brightness.
     */
    private static final double FAR = 1;

    private final Optional<Generation> restored;
    private final Map<String, RunningStatistics> kept = new HashMap<>();
    private boolean hasWarned;

    TaskStatistics(Optional<Generation> restored) {
        this.restored = restored;
    }

    /**
     * Keeps those of a task that was learnt.
     *
     * @param tasks all tasks, this one last
     */
    void add(List<LearntTask> tasks, RunningStatistics now, NDManager owner) {
        String task = tasks.get(tasks.size() - 1).name();
        if (tasks.size() > 1 && !now.values().isEmpty() && !hasWarned) {
            compare(tasks.get(tasks.size() - 2).name(), task, now, owner);
        }
        kept.put(task, now);
    }

    private void compare(String before, String task, RunningStatistics now, NDManager owner) {
        try (NDManager scratch = owner.newSubManager()) {
            double far = of(before, scratch).map(now::distance).orElse(0.0);
            if (far > FAR) {
                hasWarned = true;
                LOG.warn(
                        "Task \"{}\" moved the running statistics of BatchNorm by {} standard"
                            + " deviations: task \"{}\" may answer worse with them than its weights"
                            + " can. Where the task of a request is known, call"
                            + " listener.useStatistics(model, \"{}\") before it is answered; see"
                            + " docs/batch-norm.md.",
                        task,
                        Math.round(far * 10) / 10.0,
                        before,
                        before);
            }
        }
    }

    /**
     * Gives a model those of a task.
     *
     * @throws EngramException if none are kept, or they do not fit
     */
    void use(Block block, String task, NDManager owner) {
        try (NDManager scratch = owner.newSubManager()) {
            of(task, scratch)
                    .orElseThrow(
                            () ->
                                    new EngramException(
                                            "No running statistics of task \"%s\" are kept: its model had no BatchNorm that asks DJL for them, or the memory was written by an Engram that kept none"
                                                    .formatted(task)))
                    .into(block);
        }
    }

    /**
     * Writes all of them down. Those of earlier processes are kept from now on, because the
     * directory drops its older generations.
     */
    void save(List<LearntTask> tasks, GenerationDraft draft, NDManager owner) {
        for (int i = 0; i < tasks.size(); i++) {
            RunningStatistics found =
                    kept.computeIfAbsent(
                            tasks.get(i).name(), task -> ofEarlierProcess(task, owner));
            if (!found.values().isEmpty()) {
                draft.statistics(i, found.values());
            }
        }
    }

    private Optional<RunningStatistics> of(String task, NDManager scratch) {
        RunningStatistics own = kept.get(task);
        RunningStatistics found = own == null ? ofEarlierProcess(task, scratch) : own;
        return Optional.of(found).filter(some -> !some.values().isEmpty());
    }

    private RunningStatistics ofEarlierProcess(String task, NDManager owner) {
        if (restored.isEmpty()) {
            return new RunningStatistics(Map.of());
        }
        Generation from = restored.get();
        int number = from.tasks().stream().map(LearntTask::name).toList().indexOf(task);
        return new RunningStatistics(number < 0 ? Map.of() : from.statistics(number, owner));
    }
}
