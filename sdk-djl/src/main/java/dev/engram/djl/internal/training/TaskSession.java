package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.api.EngramException;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.sample.UniformSample;
import dev.engram.djl.memory.LearntTask;
import dev.engram.djl.privacy.Subjects;
import java.util.List;
import java.util.SortedSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
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
    private final List<LiveParameter> parameters;
    private long steps;
    private long stepsInEpoch;
    private int epochs;
    private long outputs;
    private boolean stepPending;

    /** Begins a task; the model's parameters must be initialised. */
    public TaskSession(
            Task task, Trainer trainer, Guards guards, UniformSample sample, Subjects subjects) {
        this.task = task;
        this.sample = sample;
        this.subjects = subjects;
        this.trainer = trainer;
        this.guards = guards;
        this.inputs = new GivenInputs(block());
        this.store = StoreAccess.of(trainer);
        this.parameters = LiveParameters.of(block(), store, trainer.getDevices()[0]);
        each("at the begin of task \"" + task.name() + "\"", ForgettingGuard::onTaskBegin);
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
        return steps > 0;
    }

    /** Returns whether at least one epoch ended and none was broken off. */
    public boolean isLearnt() {
        return epochs > 0 && stepsInEpoch == 0;
    }

    /** Takes part in a step, between the backward pass and the optimizer's update. */
    public void step(BatchData heard) {
        finishStep();
        BatchData batch = inputs.of(heard);
        if (steps == 0) {
            outputs =
                    SharedHeadCheck.outputs(
                            batch.getPredictions().values().iterator().next().head());
        }
        steps++;
        stepsInEpoch++;
        stepPending = true;
        List<String> who = subjects.of(heard.getBatch());
        sample.observe(batch.getBatch().getData(), batch.getBatch().getLabels(), who);
        String when = "after the backward pass of step " + steps;
        try (NDManager scratch = guards.manager().newSubManager()) {
            Function<TrainingView, StepView> step =
                    view -> new Step(view, steps, batch, who, trainer, scratch);
            each(when, (guard, view) -> guard.onGradient(step.apply(view)));
            if (steps == 1) {
                requireGradients();
            }
            each(when, (guard, view) -> guard.onBackward(step.apply(view)));
        }
    }

    /** Warns if this batch shows that a shared head learns new classes over old ones. */
    public void warnOfSharedHead(BatchData batch, SortedSet<Integer> oldClasses) {
        try (NDManager scratch = guards.manager().newSubManager()) {
            SortedSet<Integer> pushed =
                    SharedHeadCheck.pushedDown(trainer, batch, oldClasses, scratch);
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

    /** Ends an epoch: the guards measure, and an effect of nothing is said loudly. */
    public void epoch() {
        finishStep();
        if (stepsInEpoch == 0) {
            return;
        }
        epochs++;
        stepsInEpoch = 0;
        each("at the end of epoch " + epochs, this::reportEpoch);
    }

    /** Removes the samples of a subject that were kept for the consolidation. */
    public long erase(String subject) {
        return sample.erase(subject);
    }

    /** Consolidates the task. */
    public LearntTask learn() {
        finishStep();
        return new Consolidator(guards, block(), store, parameters, trainer.getLoss())
                .learn(task, sample, outputs);
    }

    /** Drops the task: guards forget what they took of it, and a warning says so. */
    public void abort() {
        each("when task \"" + task.name() + "\" was broken off", ForgettingGuard::onTaskAborted);
        warnOfNothingLearnt();
    }

    private void warnOfNothingLearnt() {
        LOG.warn(
                "Task \"{}\" is NOT protected: its training ended after {} whole epochs and {}"
                        + " steps of another. If that was meant, call endTask() before the trainer"
                        + " closes; a loop of your own must notify its listeners of onEpoch.",
                task.name(),
                epochs,
                stepsInEpoch);
    }

    @Override
    public void close() {
        LiveParameters.release(parameters);
        sample.close();
    }

    private void reportEpoch(ForgettingGuard guard, TrainingView view) {
        guard.onEpoch(view);
        guard.effect()
                .ifPresent(
                        effect -> {
                            LOG.info(
                                    "{}: task {}, epoch {}: penalty {}, share of the gradient {}",
                                    guard.name(),
                                    task.name(),
                                    epochs,
                                    effect.penalty(),
                                    effect.gradientShare());
                            if (effect.gradientShare() == 0) {
                                LOG.warn(
                                        "Guard \"{}\" had NO EFFECT in epoch {} of task \"{}\":"
                                            + " earlier tasks are not protected. Is its strength"
                                            + " zero, or are other parameters trained than before?",
                                        guard.name(),
                                        epochs,
                                        task.name());
                            } else if (!Double.isFinite(effect.penalty())) {
                                LOG.warn(
                                        "The penalty of guard \"{}\" is {}: the training diverged."
                                                + " State the largest learning rate that you use"
                                                + " (max-learning-rate).",
                                        guard.name(),
                                        effect.penalty());
                            }
                        });
    }

    private void finishStep() {
        if (stepPending) {
            stepPending = false;
            each("after step " + steps, ForgettingGuard::onStep);
        }
    }

    /** Once a task, so the wait for the device does not count. */
    private void requireGradients() {
        try (NDManager scratch = guards.manager().newSubManager()) {
            NDArray total = scratch.create(0f);
            for (LiveParameter parameter : parameters) {
                try (NDArray gradient = parameter.gradient();
                        NDArray size = gradient.abs();
                        NDArray sum = size.sum()) {
                    total.addi(sum);
                }
            }
            if (total.getFloat() == 0) {
                throw new EngramException(
                        "All gradients are zero when the listeners hear of the first batch: the"
                            + " loop calls trainer.step() too early, or no backward pass. Call, in"
                            + " this order: backward, notifyListeners(... onTrainingBatch ...),"
                            + " trainer.step().");
            }
        }
    }

    private void each(String when, BiConsumer<ForgettingGuard, TrainingView> call) {
        guards.each(when, task, parameters, trainer.getLoss(), call);
    }
}
