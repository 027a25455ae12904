package dev.engram.generativereplay.text;

import dev.engram.api.EngramException;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.task.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/** The tasks that a model has learnt, in their order. */
final class KnownTasks {

    private static final String COUNT = "tasks";

    private final Map<String, KnownTask> byName = new LinkedHashMap<>();

    void add(KnownTask task) {
        byName.put(task.name(), task);
    }

    void remove(Task task) {
        byName.remove(task.name());
    }

    Set<String> names() {
        return Set.copyOf(byName.keySet());
    }

    /** Returns those but one by the token that their texts begin with. */
    Map<Integer, List<KnownTask>> others(Task unwanted, ToIntFunction<KnownTask> first) {
        Map<Integer, List<KnownTask>> byFirst = new LinkedHashMap<>();
        for (KnownTask task : byName.values()) {
            if (!task.name().equals(unwanted.name())) {
                byFirst.computeIfAbsent(first.applyAsInt(task), none -> new ArrayList<>())
                        .add(task);
            }
        }
        return byFirst;
    }

    void save(MemoryWriter memory) {
        memory.text(COUNT, String.valueOf(byName.size()));
        int number = 0;
        for (KnownTask task : byName.values()) {
            memory.text("task-" + number, task.name());
            memory.text("form-" + number++, task.form().written());
        }
    }

    void restore(MemoryReader memory) {
        int count = Integer.parseInt(text(memory, COUNT));
        for (int number = 0; number < count; number++) {
            String name = text(memory, "task-" + number);
            add(new KnownTask(name, TextForm.read(text(memory, "form-" + number))));
        }
    }

    private static String text(MemoryReader memory, String key) {
        return memory.text(key)
                .orElseThrow(
                        () -> new EngramException("The memory of self-rehearsal lacks " + key));
    }
}
