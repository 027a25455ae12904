package dev.engram.prompttuning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.kit.overlay.Detached;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Builds a {@link TaskChooser}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class TaskChooserBuilder {

    private final Map<String, FeatureStatistics> statistics = new LinkedHashMap<>();
    private Function<NDList, NDArray> features;

    TaskChooserBuilder(TaskRegistry registry) {
        this.features = BaseFeatures.of(registry);
    }

    /**
     * Sets what samples are told apart by; set it before the first task.
     *
     * <p>Unless set: the outputs of the base's last layer before its linear head, or of the whole
     * base where no head can be told; their mean over positions if they are sequences.
     *
     * @param function gives one row a sample, and runs on any thread
     */
    public TaskChooserBuilder optFeatures(Function<NDList, NDArray> function) {
        if (!statistics.isEmpty()) {
            throw new EngramException(
                    "Tasks %s were added with other features: set features first"
                            .formatted(statistics.keySet()));
        }
        this.features = function;
        return this;
    }

    /**
     * Adds samples of a task: as many as are at hand, dozens at least.
     *
     * @param task a name of the registry
     * @param samples batches of inputs on the model's device; they are not closed
     */
    public TaskChooserBuilder addTask(String task, Iterable<NDList> samples) {
        FeatureStatistics of = statistics.computeIfAbsent(task, any -> new FeatureStatistics());
        for (NDList batch : samples) {
            try (NDManager scope = batch.head().getManager().newSubManager()) {
                of.add(features.apply(Detached.in(scope, batch)));
            }
        }
        return this;
    }

    /**
     * Builds the chooser.
     *
     * @throws EngramException if there are no tasks, or a task without samples
     */
    public TaskChooser build() {
        return new TaskChooser(statistics, features);
    }
}
