package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.api.EngramException;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.LossView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.check.GivenInputs;
import dev.engram.djl.internal.check.HeardBatch;
import dev.engram.djl.internal.check.LoopCheck;
import dev.engram.djl.internal.check.SharedHeadWatch;
import dev.engram.djl.internal.consolidation.Consolidator;
import dev.engram.djl.internal.effect.EpochReport;
import dev.engram.djl.internal.gradient.GradientWatch;
import dev.engram.djl.internal.gradient.LossScale;
import dev.engram.djl.internal.gradient.PendingBatches;
import dev.engram.djl.internal.gradient.StepRule;
import dev.engram.djl.internal.guards.GuardSlot;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import dev.engram.djl.internal.loss.JointLoss;
import dev.engram.djl.internal.loss.JointPass;
import dev.engram.djl.internal.parameters.LiveParameters;
import dev.engram.djl.internal.parameters.RunningStatistics;
import dev.engram.djl.internal.parameters.StoreAccess;
import dev.engram.djl.internal.parameters.TrainedParameters;
import dev.engram.djl.internal.sample.UniformSample;
import dev.engram.djl.memory.LearntTask;
import dev.engram.kit.rows.Subjects;
import java.util.List;
import java.util.SortedSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The training of one task by one trainer, from its first batch to its end. */
public final class TaskSession implements AutoCloseable {

    private final Task task;
    private final Trainer trainer;
    private final Guards guards;
    private final JointLoss joint;
    private final UniformSample sample;
    private final Subjects subjects;
    private final GivenInputs inputs;
    private final TrainedParameters parameters;
    private final TaskViews views;
    private final PendingBatches pending;
    private final GuardedStep guardedStep;
    private final UpdateWatch updates;
    private final StepRule rule;
    private final GradientWatch watch;
    private final EpochEnd epochEnd;
    private final SharedHeadWatch head;
    private final Progress progress = new Progress();
    private @Nullable BatchData last;
    private long steps;
    private long outputs;
    private boolean stepPending;
    private boolean isUnread;
    private @Nullable Thread thread;

    /**
     * Begins a task; the model's parameters must be initialised.
     *
     * @param accumulation how many batches make a step where steps are not to be heard, 0 if the
     *     user does not say
     * @param joint asks guards for terms of the loop's loss
     */
    public TaskSession(
            Task task,
            Trainer trainer,
            Guards guards,
            UniformSample sample,
            Subjects subjects,
            int accumulation,
            JointLoss joint) {
        this.task = task;
        this.sample = sample;
        this.subjects = subjects;
        this.trainer = trainer;
        this.guards = guards;
        this.joint = joint;
        ParameterStore store = StoreAccess.of(trainer);
        this.parameters = new TrainedParameters(block(), store, trainer.getDevices()[0]);
        this.views = new TaskViews(task, trainer, store, parameters);
        this.inputs = new GivenInputs(block());
        this.pending = new PendingBatches(guards::manager);
        this.guardedStep = new GuardedStep(views, guards, new LossScale(trainer, store));
        this.updates = new UpdateWatch(guards, views);
        this.rule = new StepRule(trainer, accumulation, this::hearStep, this::hearUpdate);
        this.watch = new GradientWatch(task, guards.manager());
        this.head = new SharedHeadWatch(task, trainer);
        this.epochEnd =
                new EpochEnd(
                        guards, views, guardedStep, updates, new EpochReport(watch::firstBroken));
        begin();
        joint.open(this::lossView);
    }

    /** What fails to begin leaves nothing behind. */
    private void begin() {
        guards.effects().begin();
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
        return IsolatedBlock.usersBlock(trainer.getModel().getBlock());
    }

    /** Returns whether any batch was seen. */
    public boolean hasStarted() {
        return progress.batches() > 0;
    }

    /** Returns whether at least one epoch ended, none was broken off, and no guard failed. */
    public boolean isLearnt() {
        return progress.isLearnt();
    }

    /** Warns at the first step if it teaches new classes to a head over these old ones. */
    public void watchSharedHead(SortedSet<Integer> classes) {
        head.over(classes);
    }

    /** Hears of a batch after its backward pass; the step that it is part of is still to come. */
    public void batch(BatchData shown) {
        finishStep();
        Batch given = shown.getBatch();
        BatchData batch = inputs.of(shown);
        HeardBatch heard =
                HeardBatch.of(batch, given == null ? List.of() : subjects.of(given), wasJoined());
        if (rule.movedUnheard(parameters.list(), guards.manager())) {
            pending.close();
        }
        if (!hasStarted()) {
            LoopCheck.requireGradients(parameters.list(), guards.manager());
            outputs = heard.outputs();
        }
        renewParameters();
        progress.batch();
        last = batch;
        watch.take(heard, pending, parameters.list(), progress.batches());
        if (rule.isStep(pending.size())) {
            watch.counted(pending.size());
            act();
        }
    }

    private boolean wasJoined() {
        try {
            return joint.wasJoined();
        } catch (RuntimeException | Error e) {
            progress.fail();
            throw e;
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
        isUnread = true;
        thread = Thread.currentThread();
        try {
            renewParameters();
            head.look(batch, guards.manager());
            List<HeardBatch> heard = pending.atStep();
            heard.forEach(this::observe);
            guardedStep.run(steps, batch, heard, joint.takeJoined(), parameters.list());
            updates.before(steps, parameters.list());
        } catch (RuntimeException | Error e) {
            progress.fail();
            throw e;
        } finally {
            pending.clear(HeardBatch.of(batch, List.of()).isAlive());
        }
    }

    private void hearUpdate(String parameter, NDArray[] values) {
        guarded(() -> updates.updated(parameter, values));
    }

    /** Hears that the weights are about to be read: guards do now what they put off. */
    public void read() {
        // Within a collector leaf arrays may not be changed; another thread reads amid steps
        // anyway.
        if (isUnread
                && Thread.currentThread() == thread
                && !LoopCheck.isCollecting(guards.manager().getEngine())) {
            isUnread = false;
            guarded(updates::finishHeard);
            each("when the weights were read", ForgettingGuard::onWeightsRead);
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

    /**
     * Ends an epoch: the guards measure, and an effect of nothing is said loudly. Batches that no
     * step followed are left out.
     */
    public void epoch() {
        finishStep();
        rule.movedUnheard(parameters.list(), guards.manager());
        pending.close();
        last = null;
        if (!progress.isInEpoch()) {
            return;
        }
        int ended = progress.epoch();
        guarded(() -> epochEnd.of(ended));
        guardedStep.endEpoch();
        progress.endEpoch();
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
                LiveParameters.withFrozen(block(), views.store(), trainer.getDevices()[0]);
        try {
            return consolidator(all).learn(task, sample, outputs, watch.firstBroken());
        } finally {
            LiveParameters.release(all);
        }
    }

    /** Copies the running statistics as they are where the model trains. */
    public RunningStatistics statistics() {
        return RunningStatistics.of(
                block(), views.store(), trainer.getDevices()[0], guards.manager());
    }

    /** Drops the task: guards forget what they took of it, and a warning says so. */
    public void abort() {
        each("when task \"" + task.name() + "\" was broken off", ForgettingGuard::onTaskAborted);
        progress.warnOfNothingLearnt(task);
    }

    @Override
    public void close() {
        joint.rest();
        watch.end(parameters.list(), progress.batches());
        rule.close();
        guardedStep.close();
        updates.end();
        pending.close();
        parameters.release();
        sample.close();
    }

    private Consolidator consolidator(List<LiveParameter> all) {
        return new Consolidator(guards, views.model(), all, views.loss());
    }

    private void finishStep() {
        if (stepPending) {
            stepPending = false;
            guarded(updates::finish);
            each("after step " + steps, ForgettingGuard::onStep);
        }
    }

    private LossView lossView(GuardSlot slot, JointLoss.Pass pass, NDManager scope) {
        return new JointPass(views.of(slot, scope), steps + 1, pass, scope);
    }

    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            progress.fail();
            throw e;
        }
    }

    private void each(String when, BiConsumer<ForgettingGuard, TrainingView> call) {
        guarded(() -> guards.each(when, views::of, call));
    }
}
