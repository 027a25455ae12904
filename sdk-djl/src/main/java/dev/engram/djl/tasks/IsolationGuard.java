package dev.engram.djl.tasks;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
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
import dev.engram.kit.calls.Origin;
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

    private final ParameterIsolation plugin;
    private final PluggedIsolation isolation;
    private final LearntTasks tasks;
    private @Nullable Installed installed;
    private @Nullable TaskParameters current;
    private @Nullable TaskParameters finished;
    private @Nullable GradientWitness witness;
    private boolean hasRefused;

    /** Creates the guard; it closes the isolation. */
    public IsolationGuard(ParameterIsolation isolation) {
        this(isolation, PluggedIsolation.of(isolation));
    }

    private IsolationGuard(ParameterIsolation plugin, PluggedIsolation isolation) {
        this.plugin = plugin;
        this.isolation = isolation;
        this.tasks = new LearntTasks(isolation);
    }

    /** Returns the guard over an isolation that a provider made; it closes the isolation. */
    public static IsolationGuard made(ParameterIsolation isolation, Origin provider) {
        return new IsolationGuard(isolation, PluggedIsolation.made(isolation, provider));
    }

    /** Returns the class of the isolation. */
    public Class<?> type() {
        return plugin.getClass();
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
        if (model.getBlock() instanceof IsolatedBlock other && other.trains()) {
            throw new EngramException(
                    "Another listener gives this training parameters of its own already: one such"
                            + " listener a trainer");
        }
        TaskRegistry registry = tasks.over(model);
        tasks.requireAll();
        Block base = registry.isolated().block();
        installed =
                new Installed(
                        model, begin, new FrozenBase(base), model.getBlock(), registry.active());
        hasRefused = false;
        registry.trains(true);
        model.setBlock(
                IsolatedBlock.training(
                        base, this::route, this::listed, registry.isolated()::run, name()));
    }

    /** Returns whether the trainer on which it was last installed was refused in a pass. */
    public boolean hasRefused() {
        return hasRefused;
    }

    /**
     * Takes the isolation off again: the model has the block that it had before, over the values of
     * the base. Where that was the registry's, the task that was active is so again.
     */
    public void takeOff() {
        Installed last = installed;
        installed = null;
        settle();
        drop();
        if (last != null) {
            TaskRegistry registry = tasks.current();
            registry.trains(false);
            registry.isolated().untouched();
            registry.resume(last.active());
            last.model().setBlock(last.before());
            last.frozen().thaw();
            tasks.explain();
        }
    }

    /**
     * Returns the tasks over a model, those in memory included; {@link #restore} was called if
     * there is one. This guard closes it.
     */
    public TaskRegistry registry(Model model) {
        return tasks.verified(model);
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
        witness = null;
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        TaskParameters trained = current;
        if (trained == null) {
            throw new EngramException(
                    "\"%s\" has no parameters for task \"%s\": it gives parameters to tasks that train under this listener, and a base that was trained elsewhere needs no remembering"
                            .formatted(name(), task.task().name()));
        }
        tasks.add(task.task().name(), trained);
        finished = trained;
        current = null;
    }

    @Override
    public void onTaskAborted(TrainingView training) {
        drop();
    }

    @Override
    public int stateVersion() {
        return isolation.stateVersion();
    }

    @Override
    public void save(MemoryWriter memory) {
        tasks.save(memory);
    }

    /** Keeps what was written until a model is there to load it onto. */
    @Override
    public void restore(MemoryReader memory) {
        tasks.restore(memory);
    }

    @Override
    public void close() {
        takeOff();
        tasks.close();
    }

    private NDList route(ForwardPass pass) {
        TaskParameters task = current;
        if (pass.training() && task == null) {
            hasRefused = true;
            task = begin(pass);
            hasRefused = false;
        }
        if (task != null) {
            NDList outputs = isolation.forward(task, pass);
            return pass.training() && witness != null ? witness.in(outputs, pass) : outputs;
        }
        return tasks.current().route(pass);
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
        TaskParameters fresh = tasks.begin(now.model(), task.name());
        now.frozen().warnOfRandomBase(task, fresh);
        LOG.info("{}: task \"{}\" trains {}", name(), task.name(), fresh);
        settle();
        witness = new GradientWitness(pass.store().getManager());
        current = fresh;
        return fresh;
    }

    /** DJL's trainer checks before its first step that a parameter has a gradient. */
    private PairList<String, Parameter> listed() {
        PairList<String, Parameter> trained = new PairList<>();
        if (current != null && witness != null) {
            trained.add(GradientWitness.NAME, witness.parameter());
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
        witness = null;
        TaskParameters unlearnt = current;
        current = null;
        if (unlearnt != null) {
            new LoadedTask("", unlearnt, KnownRows.ALL, isolation).unload();
        }
    }

    /** A model under training, and how it was before. */
    private record Installed(
            Model model, Supplier<Task> begin, FrozenBase frozen, Block before, String active) {}
}
