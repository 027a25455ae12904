package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.api.EngramException;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.sample.UniformSample;
import dev.engram.djl.memory.LearntTask;
import dev.engram.djl.privacy.Subjects;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The training of one task by one trainer, from its first batch to its end. */
public final class TaskSession implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TaskSession.class);

    private final Task task;
    private final Trainer trainer;
    private final Guards guards;
    private final UniformSample sample;
    private final Subjects subjects;
    private final GivenInputs inputs;
    private final ParameterStore store;
    private final TrainedParameters parameters;
    private final PendingBatches pending;
    private final GuardedStep guardedStep;
    private final StepRule rule;
    private final GradientWatch watch;
    private final EpochReport report;
    private SortedSet<Integer> oldClasses = new TreeSet<>();
    private @Nullable BatchData last;
    private long batches;
    private long batchesInEpoch;
    private long steps;
    private int epochs;
    private long outputs;
    private boolean stepPending;
    private boolean hasFailed;

    /**
     * Begins a task; the model's parameters must be initialised.
     *
     * @param accumulation how many batches make a step where steps are not to be heard, 0 if the
     *     user does not say
     */
    public TaskSession(
            Task task,
            Trainer trainer,
            Guards guards,
            UniformSample sample,
            Subjects subjects,
            int accumulation) {
        this.task = task;
        this.sample = sample;
        this.subjects = subjects;
        this.trainer = trainer;
        this.guards = guards;
        this.inputs = new GivenInputs(block());
        this.store = StoreAccess.of(trainer);
        this.parameters = new TrainedParameters(block(), store, trainer.getDevices()[0]);
        this.pending = new PendingBatches(guards::manager);
        this.guardedStep = new GuardedStep(task, trainer, guards, new LossScale(trainer, store));
        this.rule = new StepRule(trainer, accumulation, this::hearStep);
        this.watch = new GradientWatch(task, guards.manager());
        this.report = new EpochReport(watch::firstBroken);
        begin();
    }

    /** What fails to begin leaves nothing behind. */
    private void begin() {
        try {
            each("at the begin of task \"" + task.name() + "\"", ForgettingGuard::onTaskBegin);
        } catch (RuntimeException | Error e) {
            consolidator(parameters.list()).giveUp(task, e);
            close();
            throw e;
        }
    }

    /** Returns the task. */
    public Task task() {
        return task;
    }

    /** Returns the user's block. */
    public Block block() {
        return trainer.getModel().getBlock();
    }

    /** Returns whether any batch was seen. */
    public boolean hasStarted() {
        return batches > 0;
    }

    /** Returns whether at least one epoch ended, none was broken off, and no guard failed. */
    public boolean isLearnt() {
        return epochs > 0 && batchesInEpoch == 0 && !hasFailed;
    }

    /** Warns at the first step if it teaches new classes to a head over these old ones. */
    public void watchSharedHead(SortedSet<Integer> classes) {
        oldClasses = classes;
    }

    /** Hears of a batch after its backward pass; the step that it is part of is still to come. */
    public void batch(BatchData shown) {
        finishStep();
        Batch given = shown.getBatch();
        BatchData batch = inputs.of(shown);
        HeardBatch heard = HeardBatch.of(batch, given == null ? List.of() : subjects.of(given));
        if (rule.movedUnheard(parameters.list(), guards.manager())) {
            pending.close();
        }
        if (batches == 0) {
            LoopCheck.requireGradients(parameters.list(), guards.manager());
            outputs = heard.outputs();
        }
        renewParameters();
        batches++;
        batchesInEpoch++;
        last = batch;
        take(heard);
        if (rule.isStep(pending.size())) {
            act();
        }
    }

    private void take(HeardBatch heard) {
        switch (watch.look(parameters.list(), batches, pending.size())) {
            case FINITE -> pending.add(heard);
            case CLEARED -> pending.close();
            case BROKEN -> {
                // Its gradients stay, for the loop to see.
            }
        }
    }

    private void hearStep() {
        watch.stepped(pending.size());
        act();
    }

    /** Just before the optimizer's step: what waits is one step, if anything does. */
    private void act() {
        BatchData batch = last;
        if (batch == null) {
            return;
        }
        last = null;
        steps++;
        stepPending = true;
        try {
            renewParameters();
            warnOfSharedHead(batch);
            List<HeardBatch> heard = pending.atStep();
            heard.forEach(this::observe);
            guardedStep.run(steps, batch, heard, parameters.list());
        } catch (RuntimeException | Error e) {
            hasFailed = true;
            throw e;
        } finally {
            pending.clear(HeardBatch.of(batch, List.of()).isAlive());
        }
    }

    private void renewParameters() {
        if (parameters.renew()) {
            each("when its parameters changed", ForgettingGuard::onParametersChanged);
        }
    }

    private void observe(HeardBatch batch) {
        if (!batch.data().isEmpty()) {
            sample.observe(batch.data(), batch.labels(), batch.subjects());
        }
    }

    private void warnOfSharedHead(BatchData batch) {
        SortedSet<Integer> old = oldClasses;
        oldClasses = new TreeSet<>();
        if (old.isEmpty() || LoopCheck.isCollecting(guards.manager().getEngine())) {
            return;
        }
        try (NDManager scratch = guards.manager().newSubManager()) {
            SortedSet<Integer> pushed = SharedHeadCheck.pushedDown(trainer, batch, old, scratch);
            if (!pushed.isEmpty()) {
                LOG.warn(
                        "Task \"{}\" teaches new classes to a head that earlier tasks share, and"
                            + " its loss pushes their classes {} down. No penalty on weights can"
                            + " prevent that (class-incremental learning): the earlier classes WILL"
                            + " be forgotten. Add replay, give each task a head, or mask the other"
                            + " tasks' outputs.",
                        task.name(),
                        pushed);
            }
        }
    }

    /**
     * Ends an epoch: the guards measure, and an effect of nothing is said loudly. Batches that no
     * step followed are left out.
     */
    public void epoch() {
        finishStep();
        rule.movedUnheard(parameters.list(), guards.manager());
        pending.close();
        last = null;
        if (batchesInEpoch == 0) {
            return;
        }
        int ended = epochs + 1;
        each("at the end of epoch " + ended, (guard, view) -> report.of(guard, view, ended));
        guardedStep.endEpoch();
        epochs = ended;
        batchesInEpoch = 0;
    }

    /** Removes the samples of a subject that were kept for the consolidation. */
    public long erase(String subject) {
        return sample.erase(subject);
    }

    /**
     * Consolidates the task.
     *
     * @throws EngramException if it diverged, or a guard fails: then none has learnt it
     */
    public LearntTask learn() {
        finishStep();
        last = null;
        List<LiveParameter> all =
                LiveParameters.withFrozen(block(), store, trainer.getDevices()[0]);
        try {
            return consolidator(all).learn(task, sample, outputs, watch.firstBroken());
        } finally {
            LiveParameters.release(all);
        }
    }

    /** Copies the running statistics as they are where the model trains. */
    public RunningStatistics statistics() {
        return RunningStatistics.of(block(), store, trainer.getDevices()[0], guards.manager());
    }

    /** Drops the task: guards forget what they took of it, and a warning says so. */
    public void abort() {
        each("when task \"" + task.name() + "\" was broken off", ForgettingGuard::onTaskAborted);
        warnOfNothingLearnt();
    }

    private void warnOfNothingLearnt() {
        LOG.warn(
                "Task \"{}\" is NOT protected: its training ended after {} whole epochs and {}"
                    + " batches of another. If that was meant, call endTask() before the trainer"
                    + " closes; a loop of your own must notify its listeners of onEpoch.",
                task.name(),
                epochs,
                batchesInEpoch);
    }

    @Override
    public void close() {
        watch.end(parameters.list(), batches);
        rule.close();
        pending.close();
        parameters.release();
        sample.close();
    }

    private Consolidator consolidator(List<LiveParameter> all) {
        return new Consolidator(guards, block(), store, all, trainer.getLoss());
    }

    private void finishStep() {
        if (stepPending) {
            stepPending = false;
            each("after step " + steps, ForgettingGuard::onStep);
        }
    }

    private void each(String when, BiConsumer<ForgettingGuard, TrainingView> call) {
        try {
            guards.each(when, task, parameters.list(), trainer.getLoss(), call);
        } catch (RuntimeException | Error e) {
            hasFailed = true;
            throw e;
        }
    }
}
