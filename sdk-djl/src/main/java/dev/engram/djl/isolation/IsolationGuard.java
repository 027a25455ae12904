package dev.engram.djl.isolation;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.spi.Role;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains each task on parameters of its own: installs an isolation while a trainer lives.
 *
 * <p>The base is frozen, so that the user's optimizer trains what the isolation made for the task,
 * and nothing else. When the task ends its parameters are frozen, too, and join the {@link
 * TaskRegistry}. Driven by the listener on the training thread.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class IsolationGuard implements ForgettingGuard {

    private static final Logger LOG = LoggerFactory.getLogger(IsolationGuard.class);

    private final ParameterIsolation isolation;
    private @Nullable TaskRegistry registry;
    private @Nullable Installed installed;
    private @Nullable TaskParameters current;
    private @Nullable MemoryReader unread;
    private @Nullable TaskParameters finished;
    private final List<String> learnt = new ArrayList<>();
    private @Nullable TaskMemory known;
    private boolean hasStepped;

    /** Creates the guard; it closes the isolation. */
    public IsolationGuard(ParameterIsolation isolation) {
        this.isolation = isolation;
    }

    @Override
    public String name() {
        return isolation.name();
    }

    @Override
    public Set<String> roles() {
        return Set.of(Role.ISOLATION);
    }

    @Override
    public boolean needsSamples() {
        return false;
    }

    /**
     * Puts the isolation on a model that is about to be trained.
     *
     * @param begin called in the first training pass of each task; makes sure that {@link #restore}
     *     was called if there is a memory, and names the task
     */
    public void install(Model model, Supplier<Task> begin) {
        TaskRegistry tasks = registry(model);
        requireAll(tasks);
        Block base = tasks.model().block();
        installed = new Installed(model, begin, new FrozenBase(base));
        model.setBlock(new IsolatedBlock(base, this::route, this::listed));
    }

    /** Takes the isolation off again: the model has its own block, with the values of the base. */
    public void takeOff() {
        Installed last = installed;
        TaskRegistry tasks = registry;
        installed = null;
        settle();
        drop();
        if (last != null && tasks != null) {
            tasks.uninstall();
            tasks.deactivate();
            last.model().setBlock(tasks.model().block());
            last.frozen().thaw();
        }
    }

    /**
     * Returns the tasks over a model, those in memory included; {@link #restore} was called if
     * there is one. This guard closes it.
     */
    public TaskRegistry registry(Model model) {
        Block block = model.getBlock();
        Block base = block instanceof IsolatedBlock root ? root.base() : block;
        TaskRegistry tasks = registry;
        if (tasks != null && !tasks.model().block().equals(base)) {
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

    @Override
    public void onGradient(StepView step) {
        if (current != null) {
            current.onGradient(step);
        }
    }

    @Override
    public void onBackward(StepView step) {
        if (current != null) {
            current.onBackward(step);
        }
    }

    @Override
    public void onStep(TrainingView training) {
        hasStepped = true;
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        TaskParameters trained = current;
        TaskRegistry tasks = registry;
        if (trained == null || tasks == null) {
            throw new EngramException(
                    "\"%s\" has no parameters for task \"%s\": it gives parameters to tasks that train under this listener, and a base that was trained elsewhere needs no remembering"
                            .formatted(name(), task.task().name()));
        }
        finished = trained;
        learnt.add(task.task().name());
        tasks.put(task.task().name(), trained);
        tasks.activate(task.task().name());
        current = null;
    }

    @Override
    public void onTaskAborted(TrainingView training) {
        drop();
    }

    @Override
    public void save(MemoryWriter memory) {
        TaskRegistry tasks = registry;
        if (unread != null) {
            MemoryReader from = unread;
            TaskMemory there = TaskMemory.read(from);
            Map<String, Map<String, NDArray>> kept = new LinkedHashMap<>();
            there.forEach(from, memory.manager(), kept::put);
            there.write(memory, task -> kept.getOrDefault(task, Map.of()));
        } else if (tasks != null && known != null) {
            known.about(learnt).write(memory, task -> tasks.tensors(task, memory.manager()));
        }
    }

    /** Keeps what was written until a model is there to load it onto. */
    @Override
    public void restore(MemoryReader memory) {
        unread = memory;
    }

    @Override
    public void close() {
        takeOff();
        if (registry == null) {
            isolation.close();
        } else {
            registry.close();
        }
    }

    private NDList route(ForwardPass pass) {
        TaskParameters task = current;
        if (pass.training() && task == null) {
            task = begin(pass);
        }
        if (task != null) {
            return task.forward(pass);
        }
        TaskRegistry tasks = registry;
        if (tasks == null) {
            throw new IllegalStateException("not installed");
        }
        return tasks.route(pass);
    }

    private TaskParameters begin(ForwardPass pass) {
        Installed now = installed;
        if (now == null) {
            throw new IllegalStateException("not installed");
        }
        Block base = ((IsolatedBlock) now.model().getBlock()).base();
        if (!FrozenBase.hasValues(base)) {
            base.initialize(pass.store().getManager(), DataType.FLOAT32, pass.inputs().getShapes());
        }
        Task task = now.begin().get();
        now.frozen().warnOfRandomBase(task);
        TaskRegistry tasks = registry(now.model());
        requireKnown(here(tasks));
        TaskParameters fresh = tasks.create(task.name());
        LOG.info("{}: task \"{}\" trains {}", name(), task.name(), fresh);
        settle();
        hasStepped = false;
        current = fresh;
        return fresh;
    }

    /** DJL's trainer checks before its first step that a parameter has a gradient. */
    private PairList<String, Parameter> listed() {
        PairList<String, Parameter> trained = new PairList<>();
        if (current != null && !hasStepped) {
            for (Pair<String, Parameter> own : current.parameters()) {
                if (own.getValue().requiresGradient()) {
                    trained.add(own);
                }
            }
        }
        return trained;
    }

    /**
     * Freezes the task before: the trainer would go on updating it. Not when it ends, because its
     * gradients are wanted until all guards have taken it in.
     */
    private void settle() {
        if (finished != null) {
            finished.parameters().forEach(own -> own.getValue().freeze(true));
            finished = null;
        }
    }

    private void drop() {
        TaskParameters unlearnt = current;
        current = null;
        if (unlearnt != null) {
            new LoadedTask("", unlearnt).unload();
        }
    }

    private void load(TaskRegistry tasks, MemoryReader memory) {
        TaskMemory there = TaskMemory.read(memory);
        TaskMemory here = here(tasks);
        there.requireSame(here, name());
        known = here;
        try (NDManager scratch = tasks.manager().newSubManager()) {
            there.forEach(memory, scratch, tasks::load);
        }
        learnt.addAll(there.tasks());
    }

    /** What is not loaded when a task ends would be missing in the memory from then on. */
    private void requireAll(TaskRegistry tasks) {
        List<String> missing = new ArrayList<>(learnt);
        missing.removeAll(tasks.tasks());
        if (!missing.isEmpty()) {
            throw new EngramException(
                    "The tasks %s were unloaded or merged, so a training now would lose them: build a new listener, over the same memory directory or over the merged base"
                            .formatted(missing));
        }
    }

    /** Carries the tasks over to another block with the same base, such as a model loaded anew. */
    private TaskRegistry moved(TaskRegistry from, Model to) {
        TaskRegistry tasks = new TaskRegistry(to, isolation);
        requireAll(from);
        if (!learnt.isEmpty()) {
            requireKnown(here(tasks));
            for (String task : learnt) {
                try (NDManager scratch = tasks.manager().newSubManager()) {
                    tasks.load(task, from.tensors(task, scratch));
                }
            }
        }
        from.release();
        return tasks;
    }

    /** Tasks were learnt on one base; on another they would answer something else. */
    private void requireKnown(TaskMemory here) {
        if (known != null && !learnt.isEmpty()) {
            known.about(learnt).requireSame(here, name());
        }
        known = here;
    }

    /** Waits for the device; done once a task, because the base does not change while it trains. */
    private TaskMemory here(TaskRegistry tasks) {
        return TaskMemory.of(isolation.settings(), tasks.untouched().parameters());
    }

    /** A model under training, and how its base was before. */
    private record Installed(Model model, Supplier<Task> begin, FrozenBase frozen) {}
}
