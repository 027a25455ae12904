package dev.engram.djl.tasks;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tasks that one listener has learnt: their registry over the model of the moment, and what the
 * memory keeps of them.
 */
final class LearntTasks {

    private static final Logger LOG = LoggerFactory.getLogger(LearntTasks.class);

    private final PluggedIsolation isolation;
    private @Nullable TaskRegistry registry;
    private @Nullable MemoryReader unread;
    private @Nullable TaskMemory known;

    /** Creates it empty; it closes the isolation. */
    LearntTasks(PluggedIsolation isolation) {
        this.isolation = isolation;
    }

    /** Returns the registry over a model, with the tasks that the memory has. */
    TaskRegistry over(Model model) {
        Block block = model.getBlock();
        Block base = block instanceof IsolatedBlock root ? root.base() : block;
        TaskRegistry tasks = registry;
        if (tasks != null && !tasks.isolated().block().equals(base)) {
            tasks = moved(tasks, model);
        }
        if (tasks == null) {
            tasks = new TaskRegistry(model, isolation);
        }
        registry = tasks;
        if (unread != null && FrozenBase.hasValues(base)) {
            load(tasks, unread);
            unread = null;
        }
        return tasks;
    }

    /** Returns the registry over a model whose base is found to be the one of the tasks. */
    TaskRegistry verified(Model model) {
        TaskRegistry tasks = over(model);
        if (!tasks.lost().containsAll(learnt())) {
            requireKnown(here(tasks));
        }
        return tasks;
    }

    /** Returns the registry over the model that was last given. */
    TaskRegistry current() {
        TaskRegistry tasks = registry;
        if (tasks == null) {
            throw new IllegalStateException("No model was given yet");
        }
        return tasks;
    }

    /** Creates parameters for a task that begins, once the base is found to be the known one. */
    TaskParameters begin(Model model, String task) {
        TaskRegistry tasks = over(model);
        requireKnown(here(tasks));
        return tasks.isolated().create(task);
    }

    /** Takes in a task that was learnt and makes it the active one. */
    void add(String task, TaskParameters parameters) {
        requireFinite(task, parameters);
        current().keep(task, parameters);
        current().activate(task);
    }

    /** Says how to use what was learnt: the model itself is the base. */
    void explain() {
        if (!learnt().isEmpty()) {
            LOG.info(
                    "{}: the model itself answers as its base does; what was learnt is in the"
                            + " listener's tasks(model), as {}",
                    isolation.name(),
                    learnt());
        }
    }

    void save(MemoryWriter memory) {
        TaskRegistry tasks = registry;
        if (unread != null) {
            MemoryReader from = unread;
            TaskMemory there = TaskMemory.read(from);
            Map<String, Map<String, NDArray>> kept = new LinkedHashMap<>();
            NDManager owner = memory.manager();
            there.forEach(
                    from, owner, (task, tensors) -> kept.put(task, now(from, tensors, owner)));
            there.write(memory, task -> kept.getOrDefault(task, Map.of()));
        } else if (tasks != null && known != null) {
            known.about(learnt(), tasks::rows)
                    .write(memory, task -> tasks.tensors(task, memory.manager()));
        }
    }

    /** Keeps what was written until a model is there to load it onto. */
    void restore(MemoryReader memory) {
        unread = memory;
    }

    void close() {
        if (registry == null) {
            isolation.close();
        } else {
            registry.close();
        }
    }

    private void load(TaskRegistry tasks, MemoryReader memory) {
        TaskMemory there = TaskMemory.read(memory);
        TaskMemory here = here(tasks);
        Map<String, Long> grown = requireSame(there, here, tasks);
        known = here;
        try (NDManager scratch = tasks.isolated().manager().newSubManager()) {
            there.forEach(
                    memory,
                    scratch,
                    (task, tensors) ->
                            tasks.keep(
                                    task, now(memory, tensors, scratch), there.rows(task, grown)));
        }
    }

    /** Returns the tensors of a task as this version of the isolation has them. */
    private Map<String, NDArray> now(
            MemoryReader from, Map<String, NDArray> tensors, NDManager owner) {
        int written = from.stateVersion();
        return written == isolation.stateVersion()
                ? tensors
                : isolation.restored(written, tensors, owner);
    }

    /** Returns what has grown in the base since those tasks were learnt, by path name. */
    private Map<String, Long> requireSame(TaskMemory there, TaskMemory here, TaskRegistry tasks) {
        List<String> changed = there.changed(here);
        Map<String, Long> grown =
                tasks.isolated().over(base -> KnownRows.grown(changed, there.base(), base));
        there.requireSame(here, grown.keySet(), isolation.name());
        if (!grown.isEmpty()) {
            LOG.info(
                    "The base has grown since the tasks {} were learnt: they know its first rows,"
                            + " as many as they had ({}), and answer as they did",
                    there.tasks(),
                    grown);
        }
        return grown;
    }

    /** Waits for the device: the end of a task does. */
    private static void requireFinite(String task, TaskParameters parameters) {
        List<String> broken = new ArrayList<>();
        for (Pair<String, Parameter> own : parameters.parameters()) {
            if (!TaskTensors.isFinite(own.getValue().getArray())) {
                broken.add(own.getKey());
            }
        }
        if (!broken.isEmpty()) {
            throw new EngramException(
                    "Task \"%s\" diverged, so it is not learnt: %s hold values that are not finite. What it mostly comes from, the likeliest first: a batch whose inputs or labels are not finite; a loss that takes the logarithm of 0 or divides by it; a learning rate that is too high. Train it anew; what was learnt before stays"
                            .formatted(task, broken));
        }
    }

    private List<String> learnt() {
        return registry == null ? List.of() : registry.kept();
    }

    /** What is not loaded when a task ends would be missing in the memory from then on. */
    void requireAll() {
        List<String> missing = current().lost();
        if (!missing.isEmpty()) {
            throw new EngramException(
                    "The tasks %s were unloaded, replaced or merged, so a training now would lose them: build a new listener, over the same memory directory or over the merged base"
                            .formatted(missing));
        }
    }

    /** Carries the tasks over to another block with the same base, such as a model loaded anew. */
    private TaskRegistry moved(TaskRegistry from, Model to) {
        TaskRegistry tasks = new TaskRegistry(to, isolation);
        requireAll();
        if (!learnt().isEmpty()) {
            TaskMemory here = here(tasks);
            TaskMemory there = about(from);
            Map<String, Long> grown = requireSame(there, here, tasks);
            known = here;
            for (String task : learnt()) {
                try (NDManager scratch = tasks.isolated().manager().newSubManager()) {
                    tasks.keep(task, from.tensors(task, scratch), there.rows(task, grown));
                }
            }
        }
        from.release();
        return tasks;
    }

    private TaskMemory about(TaskRegistry tasks) {
        if (known == null) {
            throw new IllegalStateException("nothing is learnt yet");
        }
        return known.about(tasks.kept(), tasks::rows);
    }

    /** Tasks were learnt on one base; on another they would answer something else. */
    private void requireKnown(TaskMemory here) {
        if (known != null && !learnt().isEmpty()) {
            about(current()).requireSame(here, Set.of(), isolation.name());
        }
        known = here;
    }

    /** Waits for the device; done once a task, because the base does not change while it trains. */
    private TaskMemory here(TaskRegistry tasks) {
        return tasks.isolated()
                .over(base -> TaskMemory.of(isolation.settings(), base.parameters()));
    }
}
