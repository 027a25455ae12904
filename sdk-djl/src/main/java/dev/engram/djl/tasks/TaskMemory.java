package dev.engram.djl.tasks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import dev.engram.api.EngramException;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.kit.files.Checksums;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The tasks of a model in the memory directory: for each its tensors, and once the method's
 * settings and a checksum of each parameter of the base.
 *
 * @param settings of the method that made them
 * @param base SHA-256 of the base's parameters, by path name
 * @param tasks their names, in order
 * @param rows by task how many of their first rows it knows, of those of the base's parameters that
 *     have grown since it was learnt
 * @param joined by task which of its tensors are those of the task before, joined
 */
record TaskMemory(
        Map<String, String> settings,
        Map<String, String> base,
        List<String> tasks,
        Map<String, Map<String, Long>> rows,
        Map<String, Map<String, JoinedTensor>> joined) {

    private static final Gson GSON = new Gson();

    /** Describes a base on which no task is learnt yet; waits for the device. */
    static TaskMemory of(Map<String, String> settings, PairList<String, Parameter> base) {
        Map<String, String> sums = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : base) {
            sums.put(entry.getKey(), Checksums.of(entry.getValue().getArray()));
        }
        return new TaskMemory(new TreeMap<>(settings), sums, List.of(), Map.of(), Map.of());
    }

    static TaskMemory read(MemoryReader memory) {
        return new TaskMemory(
                GSON.fromJson(memory.text("settings").orElse("{}"), new TypeToken<>() {}),
                GSON.fromJson(memory.text("base").orElse("{}"), new TypeToken<>() {}),
                GSON.fromJson(memory.text("tasks").orElse("[]"), new TypeToken<>() {}),
                GSON.fromJson(memory.text("rows").orElse("{}"), new TypeToken<>() {}),
                GSON.fromJson(memory.text("joined").orElse("{}"), new TypeToken<>() {}));
    }

    /** Returns the same about these tasks. */
    TaskMemory about(List<String> learnt, Function<String, Map<String, Long>> known) {
        Map<String, Map<String, Long>> all = new LinkedHashMap<>();
        learnt.forEach(task -> all.put(task, known.apply(task)));
        all.values().removeIf(Map::isEmpty);
        return new TaskMemory(settings, base, List.copyOf(learnt), all, Map.of());
    }

    /**
     * Returns how many rows a task knows of what has grown.
     *
     * @param grown since the last task, by path name
     */
    Map<String, Long> rows(String task, Map<String, Long> grown) {
        Map<String, Long> known = new LinkedHashMap<>(grown);
        known.putAll(rows.getOrDefault(task, Map.of()));
        return known;
    }

    void write(MemoryWriter memory, Function<String, Map<String, NDArray>> tensors) {
        memory.text("settings", GSON.toJson(settings));
        memory.text("base", GSON.toJson(base));
        memory.text("tasks", GSON.toJson(tasks));
        if (!rows.isEmpty()) {
            memory.text("rows", GSON.toJson(rows));
        }
        Map<String, Map<String, JoinedTensor>> shared = new LinkedHashMap<>();
        Map<String, NDArray> before = Map.of();
        for (int i = 0; i < tasks.size(); i++) {
            String kind = kind(i);
            Map<String, NDArray> now = tensors.apply(tasks.get(i));
            Map<String, JoinedTensor> found = JoinedTensor.find(before, now);
            now.forEach(
                    (name, value) -> {
                        if (!found.containsKey(name)) {
                            memory.tensor(kind, name, value);
                        }
                    });
            if (!found.isEmpty()) {
                shared.put(tasks.get(i), found);
            }
            before = now;
        }
        if (!shared.isEmpty()) {
            memory.text("joined", GSON.toJson(shared));
        }
    }

    /** Gives each task with its tensors, in order. */
    void forEach(
            MemoryReader memory,
            NDManager owner,
            BiConsumer<String, Map<String, NDArray>> visitor) {
        Map<String, NDArray> before = Map.of();
        for (int i = 0; i < tasks.size(); i++) {
            Map<String, NDArray> now = new LinkedHashMap<>(memory.tensors(kind(i), owner));
            for (var shared : joined.getOrDefault(tasks.get(i), Map.of()).entrySet()) {
                now.put(shared.getKey(), shared.getValue().of(before, owner));
            }
            visitor.accept(tasks.get(i), now);
            before = now;
        }
    }

    /** Returns the parameters of the base that have other values here, or are not there. */
    List<String> changed(TaskMemory here) {
        List<String> changed = new ArrayList<>();
        base.forEach(
                (name, sum) -> {
                    if (!sum.equals(here.base.get(name))) {
                        changed.add(name);
                    }
                });
        return changed;
    }

    /**
     * Checks that tasks kept there are ones for this method and this base.
     *
     * @param grown what may differ, because it has the old values in its first rows
     * @throws EngramException naming every setting and every parameter that differs
     */
    void requireSame(TaskMemory here, Set<String> grown, String method) {
        List<String> problems = new ArrayList<>();
        differences(settings, here.settings, problems, "setting %s is %s, but was %s");
        List<String> changed = changed(here);
        changed.removeAll(grown);
        if (!changed.isEmpty()) {
            problems.add(
                    "the base has other values in %s: load the model that the tasks were learnt on. A head may grow if its old rows stand unchanged in front of the new ones, but not in a TorchScript model"
                            .formatted(changed));
        }
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "The tasks %s in memory do not fit what \"%s\" has now:\n  - %s"
                            .formatted(tasks, method, String.join("\n  - ", problems)));
        }
    }

    private static void differences(
            Map<String, String> was, Map<String, String> is, List<String> to, String text) {
        TreeSet<String> keys = new TreeSet<>(was.keySet());
        keys.addAll(is.keySet());
        for (String key : keys) {
            String before = was.getOrDefault(key, "nothing");
            String now = is.getOrDefault(key, "nothing");
            if (!before.equals(now)) {
                to.add(text.formatted(key, now, before));
            }
        }
    }

    private static String kind(int task) {
        return "task-" + (task + 1);
    }
}
