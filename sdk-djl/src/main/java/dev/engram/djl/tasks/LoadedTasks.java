package dev.engram.djl.tasks;

import dev.engram.api.EngramException;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a registry by name, and which of them is active. One thread changes them at a time,
 * as the registry sees to; any number may read.
 */
final class LoadedTasks {

    private final PluggedIsolation isolation;
    private final Map<String, TaskParameters> learnt = new LinkedHashMap<>();
    private volatile Map<String, LoadedTask> tasks = Map.of();
    private volatile @Nullable LoadedTask active;

    /** Creates it without tasks; {@code isolation} makes their parameters. */
    LoadedTasks(PluggedIsolation isolation) {
        this.isolation = isolation;
    }

    List<String> names() {
        return List.copyOf(tasks.keySet());
    }

    List<TaskParameters> parameters() {
        return tasks.values().stream().map(LoadedTask::parameters).toList();
    }

    LoadedTask get(String name) {
        LoadedTask task = name == null ? null : tasks.get(name);
        if (task == null) {
            throw new EngramException(
                    "No task \"%s\" is loaded; there are %s".formatted(name, tasks.keySet()));
        }
        return task;
    }

    @Nullable LoadedTask active() {
        return active;
    }

    /** Makes a task the active one, or none. */
    void activate(@Nullable LoadedTask task) {
        active = task;
    }

    /** Takes a task in, in the place of one of the same name. */
    void put(String name, TaskParameters parameters) {
        put(new LoadedTask(name, parameters, KnownRows.ALL, isolation));
    }

    private void put(LoadedTask fresh) {
        String name = fresh.name();
        LoadedTask old = tasks.get(name);
        Map<String, LoadedTask> all = new LinkedHashMap<>(tasks);
        all.put(name, fresh);
        tasks = all;
        if (old != null) {
            if (old.equals(active)) {
                active = fresh;
            }
            old.unload();
        }
    }

    /** Takes in a task that the memory has, or will have. */
    void keep(String name, TaskParameters parameters, KnownRows rows) {
        put(new LoadedTask(name, parameters, rows, isolation));
        learnt.put(name, parameters);
    }

    /** Checks that something may be loaded under a name. */
    void requireFree(String name) {
        Task.named(name);
        if (isLearnt(name)) {
            throw new EngramException(
                    "Task \"%s\" was learnt here, and the memory would lose it: give what you load another name"
                            .formatted(name));
        }
    }

    boolean isLearnt(String name) {
        return learnt.containsKey(name);
    }

    List<String> kept() {
        return List.copyOf(learnt.keySet());
    }

    /** Returns the tasks that were kept and are not loaded any more. */
    List<String> lost() {
        return learnt.entrySet().stream()
                .filter(kept -> !parameters().contains(kept.getValue()))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    void remove(String name) {
        LoadedTask gone = get(name);
        Map<String, LoadedTask> rest = new LinkedHashMap<>(tasks);
        rest.remove(name);
        tasks = rest;
        if (gone.equals(active)) {
            active = null;
        }
        gone.unload();
    }

    void clear() {
        active = null;
        tasks.values().forEach(LoadedTask::unload);
        tasks = Map.of();
    }
}
