package dev.engram.djl.tasks;

import dev.engram.api.EngramException;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.djl.internal.argument.Given;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The weights under which tasks are to be summed. */
final class TaskSum {

    private TaskSum() {}

    /**
     * Returns the tasks with their weights, in the order in which they were loaded.
     *
     * @throws EngramException if a task is not loaded, or a weight no finite number
     */
    static Map<TaskParameters, Double> of(Map<String, Double> weights, LoadedTasks loaded) {
        Given.require(weights, "combine", "the map of weights", "one weight by the name of a task");
        if (weights.isEmpty()) {
            throw new EngramException("combine(...): there is no weight; give one for each task");
        }
        weights.forEach(TaskSum::requireFinite);
        weights.keySet().forEach(loaded::get);
        Map<TaskParameters, Double> chosen = new LinkedHashMap<>();
        for (String task : loaded.names()) {
            Double weight = weights.get(task);
            if (weight != null) {
                chosen.put(loaded.get(task).parameters(), weight);
            }
        }
        return chosen;
    }

    private static void requireFinite(String task, @Nullable Double weight) {
        if (weight == null || !Double.isFinite(weight)) {
            throw new EngramException(
                    "The weight of task \"%s\" is %s: give a finite one".formatted(task, weight));
        }
    }
}
