package dev.engram.onnx.runtime;

import dev.engram.api.EngramException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.jspecify.annotations.Nullable;

/**
 * The adapters by task. Runs read it without a lock; a change replaces the whole map, so that a
 * change of several tasks is seen as one. Changes come one at a time.
 */
final class ServedTasks {

    private volatile Map<String, TaskAdapter> adapters = Map.of();

    /** Refuses a task without a name, which code that is not checked for null may give. */
    static void requireNamed(@Nullable String task) {
        if (task == null) {
            throw new EngramException("No task was named (null): for the base call runBase");
        }
    }

    Set<String> names() {
        return new TreeSet<>(adapters.keySet());
    }

    boolean has(String task) {
        return adapters.containsKey(task);
    }

    /**
     * Begins a use of a task's adapter; the caller ends it.
     *
     * @throws EngramException if there is no such task, naming the nearest
     */
    TaskAdapter begin(String task) {
        requireNamed(task);
        while (true) {
            TaskAdapter adapter = adapters.get(task);
            if (adapter == null) {
                throw new EngramException(unknown(task));
            }
            if (adapter.begin()) {
                return adapter;
            }
            // Replaced between the two calls: the map already holds its successor, or nothing.
            Thread.onSpinWait();
        }
    }

    void put(Map<String, TaskAdapter> changed) {
        Map<String, TaskAdapter> next = new HashMap<>(adapters);
        Map<String, TaskAdapter> earlier = new HashMap<>(adapters);
        earlier.keySet().retainAll(changed.keySet());
        next.putAll(changed);
        adapters = next;
        retire(earlier.values());
    }

    void remove(String task) {
        requireNamed(task);
        Map<String, TaskAdapter> next = new HashMap<>(adapters);
        TaskAdapter removed = next.remove(task);
        if (removed == null) {
            throw new EngramException(unknown(task));
        }
        adapters = next;
        removed.retire();
    }

    void removeAll() {
        Collection<TaskAdapter> all = adapters.values();
        adapters = Map.of();
        retire(all);
    }

    private static void retire(Collection<TaskAdapter> retired) {
        retired.forEach(TaskAdapter::retire);
    }

    String unknown(String task) {
        Set<String> known = names();
        return known.stream()
                .min(Comparator.comparingInt(name -> distance(task, name)))
                .map(
                        nearest ->
                                "There is no task %s; did you mean %s? Loaded are %s"
                                        .formatted(task, nearest, known))
                .orElse("There is no task %s: none is loaded".formatted(task));
    }

    private static int distance(String seen, String known) {
        return LevenshteinDistance.getDefaultInstance().apply(seen, known);
    }
}
