package dev.engram.djl.internal.consolidation;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.sleep.SettlingGuard;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.check.LoopCheck;
import dev.engram.djl.internal.check.SharedHeadCheck;
import dev.engram.djl.internal.gradient.Divergence;
import dev.engram.djl.internal.gradient.FiniteCheck;
import dev.engram.djl.internal.gradient.KeptGradients;
import dev.engram.djl.internal.guards.GuardSlot;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.guards.SeenModel;
import dev.engram.djl.internal.guards.Training;
import dev.engram.djl.internal.sample.DrawnSamples;
import dev.engram.djl.internal.sample.UniformSample;
import dev.engram.djl.memory.LearntTask;
import dev.engram.kit.evaluation.EvaluationBlocks;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the guards take in a finished task, with the user's gradients out of the way: all of them,
 * or none.
 *
 * @param model the user's
 * @param parameters those that are trained, and those that are frozen and may be trained later
 */
public record Consolidator(
        Guards guards, SeenModel model, List<LiveParameter> parameters, Loss loss) {

    private static final Logger LOG = LoggerFactory.getLogger(Consolidator.class);
    private static final int LABEL_BATCH = 1024;

    /**
     * Creates one for a model outside of a training.
     *
     * @param block the user's block
     * @param store knows where its live arrays are
     */
    public Consolidator(
            Guards guards,
            Block block,
            ParameterStore store,
            List<LiveParameter> parameters,
            Loss loss) {
        this(
                guards,
                new SeenModel(block, store, guards.manager().getDevice(), 1),
                parameters,
                loss);
    }

    /** Returns the user's block. */
    public Block block() {
        return model.block();
    }

    /** Returns the store that knows where its live arrays are. */
    public ParameterStore store() {
        return model.store();
    }

    /**
     * Consolidates a task from samples of it.
     *
     * @param outputs how many outputs the head has, 0 if that is not known
     * @param firstBroken the first batch whose gradients were not finite, 0 if none was seen
     * @throws EngramException if the model diverged or a guard fails; all guards have then been
     *     told to give the task up
     */
    public LearntTask learn(Task task, UniformSample sample, long outputs, long firstBroken) {
        try {
            requireFinite(task, firstBroken);
            return learnAll(task, sample, outputs);
        } catch (RuntimeException | Error e) {
            giveUp(task, e);
            throw e;
        }
    }

    private LearntTask learnAll(Task task, UniformSample sample, long outputs) {
        if (sample.size() == 0 && sample.keepsInputs()) {
            throw new EngramException(
                    "Task \"%s\" has no samples to learn from: its data set was empty, or its loop showed the listeners batches without data"
                            .formatted(task.name()));
        }
        int wild = sample.dropNotFinite();
        if (wild > 0) {
            LOG.warn(
                    "{} samples of task \"{}\" hold numbers that are not finite: they count for"
                            + " nothing.",
                    wild,
                    task.name());
        }
        Block evaluation = EvaluationBlocks.of(block());
        boolean loopCollects = LoopCheck.isCollecting(guards.manager().getEngine());
        try (NDManager scratch = guards.manager().newSubManager()) {
            KeptGradients kept = new KeptGradients(parameters, scratch);
            try {
                new Ending(task, sample, evaluation, loopCollects).run();
            } finally {
                kept.putBack();
            }
            return LearntTask.of(task.name(), classes(sample, outputs, scratch));
        }
    }

    /** Holds the weights as they are, without any data. */
    public LearntTask anchor(Task task) {
        guards.each(
                "when it was to anchor the model as it is",
                slot -> view(task, slot),
                (guard, view) -> guard.onAnchor(view));
        return LearntTask.of(task.name(), List.of());
    }

    /**
     * Lets the guards take in weights that were moved between trainings; one that fails holds what
     * it held.
     *
     * @param samples of each task, in order, or none at all
     * @return the names of those that took something in
     */
    public Set<String> settle(Map<String, UniformSample> samples) {
        Set<String> settled = new LinkedHashSet<>();
        Block evaluation = EvaluationBlocks.of(block());
        try (NDManager scratch = guards.manager().newSubManager()) {
            KeptGradients kept = new KeptGradients(parameters, scratch);
            try {
                for (GuardSlot slot : guards.slots()) {
                    if (slot.guard() instanceof SettlingGuard guard
                            && settles(slot, guard, samples, evaluation)) {
                        settled.add(slot.name());
                    }
                }
            } finally {
                kept.putBack();
            }
        }
        return settled;
    }

    private boolean settles(
            GuardSlot slot,
            SettlingGuard guard,
            Map<String, UniformSample> samples,
            Block evaluation) {
        try (NDManager scratch = guards.manager().newSubManager()) {
            List<FinishedTask> tasks = new ArrayList<>();
            samples.forEach(
                    (task, sample) -> {
                        TrainingView view = view(Task.named(task), slot);
                        tasks.add(
                                new Consolidation(
                                        view, sample, evaluation, store(), false, scratch));
                    });
            slot.call(
                    "when weights had moved in sleep",
                    () -> guard.onSettled(view(DrawnSamples.NOBODYS, slot), tasks));
            return true;
        } catch (RuntimeException e) {
            LOG.warn("What it keeps about weights stays as it was before they moved.", e);
            return false;
        }
    }

    private TrainingView view(Task task, GuardSlot slot) {
        return new Training(task, parameters, loss, slot.manager(), model::shown);
    }

    /** Tells every guard that a task is given up; what they throw joins the reason for it. */
    public void giveUp(Task task, Throwable reason) {
        for (GuardSlot slot : guards.slots()) {
            TrainingView view = view(task, slot);
            try {
                slot.call(
                        "when task \"" + task.name() + "\" was given up",
                        () -> slot.guard().onTaskAborted(view));
            } catch (RuntimeException | Error e) {
                reason.addSuppressed(e);
            }
        }
    }

    private void requireFinite(Task task, long firstBroken) {
        List<String> wild = FiniteCheck.notFinite(block(), guards.manager());
        if (!wild.isEmpty()) {
            throw new EngramException(
                    "Task \"%s\" is NOT learnt, because its training diverged: %s What was learnt before stands; load the last good weights."
                            .formatted(
                                    task.name(),
                                    Divergence.of(
                                            wild,
                                            firstBroken,
                                            guards.names().contains(Divergence.BASE_OUTPUTS))));
        }
    }

    private static List<Integer> classes(UniformSample sample, long outputs, NDManager scratch) {
        SortedSet<Integer> classes = new TreeSet<>();
        for (SampleBatch batch : sample.batches(LABEL_BATCH, scratch, scratch.getDevice())) {
            if (batch.labels().isEmpty()) {
                return List.of();
            }
            SortedSet<Integer> found =
                    SharedHeadCheck.classes(
                            batch.labels().head(), batch.size(), outputs, batch.manager());
            if (found.isEmpty()) {
                return List.of();
            }
            classes.addAll(found);
        }
        return List.copyOf(classes);
    }

    /** The end of one task: all guards prepare before any of them changes what it remembers. */
    private final class Ending {

        private final Task task;
        private final UniformSample sample;
        private final Block evaluation;
        private final boolean loopCollects;

        Ending(Task task, UniformSample sample, Block evaluation, boolean loopCollects) {
            this.task = task;
            this.sample = sample;
            this.evaluation = evaluation;
            this.loopCollects = loopCollects;
        }

        void run() {
            guards.slots().stream()
                    .sorted(Comparator.comparing(slot -> !slot.named().averages()))
                    .forEach(slot -> call(slot, slot.guard()::prepareTaskEnd));
            // Those that could not prepare may fail yet, so they come before those that did.
            guards.slots().stream()
                    .sorted(Comparator.comparing(slot -> slot.named().preparesTaskEnd()))
                    .forEach(slot -> call(slot, slot.guard()::onTaskEnd));
        }

        /** What a guard makes for the call goes with it, so that peaks do not add up. */
        private void call(GuardSlot slot, Consumer<FinishedTask> method) {
            TrainingView view = view(task, slot);
            String when = "at the end of task \"" + task.name() + "\"";
            try (NDManager scratch = guards.manager().newSubManager()) {
                FinishedTask finished =
                        new Consolidation(view, sample, evaluation, store(), loopCollects, scratch);
                slot.call(when, () -> method.accept(finished));
            }
        }
    }
}
