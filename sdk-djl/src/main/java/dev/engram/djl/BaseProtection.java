package dev.engram.djl;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.spi.Role;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.base.BaseOutputs;
import dev.engram.djl.internal.consolidation.BaseSession;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.history.TaskHistory;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import dev.engram.djl.internal.memory.Generation;
import dev.engram.djl.internal.plugin.NamedGuard;
import dev.engram.djl.internal.sample.UniformSample;
import dev.engram.djl.memory.LearntTask;
import java.lang.ref.WeakReference;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done about the skills of a model that the memory knows nothing of. */
final class BaseProtection {

    /** The name under which a base is remembered without data. */
    private static final String TASK = "base";

    /** The same, where the user's first task has that name. */
    private static final String OTHER_TASK = "base-model";

    private static final Logger LOG = LoggerFactory.getLogger(BaseProtection.class);

    private final Guards guards;
    private final BaseOutputs outputs;
    private final TaskHistory history;
    private final ListenerOptions options;
    private boolean hasWarned;
    private final Set<String> unknown = new LinkedHashSet<>();
    private WeakReference<Block> fresh = new WeakReference<>(null);

    BaseProtection(Guards guards, TaskHistory history, ListenerOptions options) {
        this.outputs = options.outputs();
        this.guards = guards;
        this.history = history;
        this.options = options;
    }

    /** Looks, when a trainer begins, which parameters have values, before it gives them any. */
    void look(Block block) {
        unknown.clear();
        if (options.base() == Base.IGNORE) {
            return;
        }
        if (!history.tasks().isEmpty()) {
            if (options.base() == Base.PROTECT) {
                warnIfTooLate();
            }
            return;
        }
        Untrained untrained = new Untrained();
        boolean trains = false;
        for (Pair<String, Parameter> entry : block.getParameters()) {
            Parameter parameter = entry.getValue();
            if (parameter.isInitialized()) {
                unknown.add(entry.getKey());
                trains |= parameter.requiresGradient();
                untrained.see(parameter);
            }
        }
        if (!trains) {
            unknown.clear();
            fresh = new WeakReference<>(block);
        } else if (fresh.get() == block) {
            unknown.clear();
        } else if (options.base() == Base.WARN) {
            warn(untrained.isLikely());
            unknown.clear();
        } else if (!guards.playing(Role.SOLVED_HEAD).isEmpty()) {
            throw solvedAnew();
        } else if (untrained.isLikely()) {
            LOG.warn(
                    "optBase(Base.PROTECT) holds what the model answers, but {}. Where it was never"
                            + " trained, that is nothing, and costs the new task: leave the option"
                            + " out.",
                    Untrained.SEEN);
        }
    }

    private EngramException solvedAnew() {
        return new EngramException(
                "optBase(Base.PROTECT): %s solve the last layer anew at each task's end, so the base's answers cannot be held: call remember(model, dataset), or, where nothing is to be kept, leave the option out. Nothing was trained."
                        .formatted(guards.playing(Role.SOLVED_HEAD)));
    }

    /** What this process remembers is either of the base, or learnt over one that was protected. */
    private void warnIfTooLate() {
        List<LearntTask> earlier = history.restored().map(Generation::tasks).orElse(List.of());
        boolean hasBase =
                earlier.stream()
                        .map(LearntTask::name)
                        .anyMatch(name -> name.equals(TASK) || name.equals(OTHER_TASK));
        if (!earlier.isEmpty() && !hasBase && !hasWarned) {
            hasWarned = true;
            LOG.warn(
                    "optBase(Base.PROTECT) comes too late: the memory has tasks already, and what"
                        + " the model could do before the first of them was not protected when it"
                        + " was learnt, unless the first is the base itself (remember). What the"
                        + " memory has of its tasks is held; for the base begin with its weights"
                        + " and another memory directory.");
        }
    }

    private void warn(boolean looksUntrained) {
        LOG.warn(
                "The model has values already ({} parameters, such as {}), of which this memory"
                    + " knows nothing: what it can do now is NOT protected, and the task that"
                    + " begins may take it away. Call, before you train: listener.remember(model,"
                    + " dataset) with data of its old task{}. Where an earlier listener guarded it,"
                    + " use that one, or its memory (optMemory). Where nothing is to be kept,"
                    + " optBase(Base.IGNORE){}.",
                unknown.size(),
                unknown.iterator().next(),
                guards.playing(Role.SOLVED_HEAD).isEmpty()
                        ? "; or, without data, optBase(Base.PROTECT) on the builder"
                        : "",
                looksUntrained ? ": " + Untrained.SEEN : "");
    }

    /** Protects the base, before the first step, as it shows itself on a task's first batch. */
    void protect(Trainer trainer, BatchData batch, Task next) {
        if (unknown.isEmpty()) {
            return;
        }
        Set<String> names = Set.copyOf(unknown);
        unknown.clear();
        Task base = Task.named(next.name().equals(TASK) ? OTHER_TASK : TASK);
        List<String> subjects =
                batch.getBatch() == null ? List.of() : options.subjects().of(batch.getBatch());
        try (UniformSample sample = options.newSample(guards.manager());
                BaseSession session = new BaseSession(trainer, guards, names)) {
            session.take(sample, batch, subjects);
            hold(session, base, sample);
        }
        Block block = IsolatedBlock.usersBlock(trainer.getModel().getBlock());
        history.add(LearntTask.of(base.name(), List.of()), guards, block);
        LOG.info(
                "What the model can do is protected without data of its own: {}. With data of its"
                        + " old task, remember(model, dataset) holds it better.",
                outputs.holds()
                        ? "what it answers to inputs that it was asked for itself is held"
                        : names.size()
                                + " parameters are held as its outputs on the new task's"
                                + " first batch need them");
    }

    /** It needs the base itself, whatever else protects it; so does a source of the base's own. */
    private static boolean keepsState(NamedGuard guard) {
        return guard.roles().contains(Role.AVERAGING)
                || guard.roles().contains(Role.DISTILLATION)
                || guard.rehearses();
    }

    private void warnOfThoseLeftOut() {
        Set<String> left = new TreeSet<>(guards.playing(Role.AVERAGING));
        left.addAll(guards.playing(Role.DISTILLATION));
        left.removeAll(guards.protectingBase());
        if (!left.isEmpty()) {
            LOG.warn(
                    "optBase(Base.PROTECT): {} keep an earlier state of the model, but take in no"
                        + " base without data (protectsBase is false): they know nothing of this"
                        + " one, whose answers are held without them. Call remember(model, dataset)"
                        + " for them to know it.",
                    left);
        }
    }

    /** Holds what it answers; where it cannot be asked, the weights that its answers need. */
    private void hold(BaseSession session, Task base, UniformSample sample) {
        if (session.isWhole()) {
            session.protect(base, sample, this::holdsOutputs);
        }
        if (outputs.holds()) {
            warnOfThoseLeftOut();
            session.protect(base, sample, guard -> keepsState(guard) && guard.protectsBase());
            return;
        }
        String obstacle = session.isWhole() ? outputs.obstacle() : "a part of the model is new";
        Set<String> others = new TreeSet<>(guards.protectingBase());
        others.remove(outputs.name());
        if (others.isEmpty()) {
            throw new EngramException(
                    "optBase(Base.PROTECT): the base cannot be asked for inputs of its own, because %s, and %s cannot protect it otherwise. Add a strategy that holds its weights, such as \"ewc-online\", or call listener.remember(model, dataset)."
                            .formatted(obstacle, guards.names()));
        }
        LOG.info(
                "The base cannot be asked for inputs of its own, because {}: its weights are held"
                        + " instead, as firmly as base-lambda of {} says{}",
                obstacle,
                others,
                outputs.strength() == 1 ? "" : "; optBaseStrength does nothing there");
        session.protect(base, sample, guard -> !holdsOutputs(guard) && guard.protectsBase());
    }

    private boolean holdsOutputs(NamedGuard guard) {
        return guard.guard() == outputs;
    }
}
