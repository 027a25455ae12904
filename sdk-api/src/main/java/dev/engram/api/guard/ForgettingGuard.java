package dev.engram.api.guard;

import ai.djl.ndarray.NDArray;
import ai.djl.training.Trainer;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.Optional;
import java.util.Set;

/**
 * Protects earlier tasks while a new one trains.
 *
 * <p>The listener calls the methods on the training thread, never two at a time, in this order: per
 * task {@link #onTaskBegin}, then for each step of the optimizer {@link #onGradient} of all guards,
 * {@link #onBackward} of all, and after the optimizer {@link #onUpdate} and {@link #onStep} of all;
 * {@link #onEpoch} after each epoch, and if the task was learnt {@link #prepareTaskEnd} of all and
 * then {@link #onTaskEnd} of all. A step is one of the optimizer, however many batches the loop
 * adds up to it. Each of these goes first to the guards that rehearse, then to the others, in the
 * order in which they were added. {@code onGradient}, {@code onBackward}, {@code onUpdate}, {@code
 * onStep} must not synchronise with the device and must leave no array behind. An exception stops
 * the user's training with the guard's name in the message. This type grows by default methods
 * only.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface ForgettingGuard extends AutoCloseable {

    /**
     * Returns the name under which the guard's memory is kept; must be 1 to 64 lower-case letters
     * a-z, digits and hyphens, unique on its listener. A guard that a strategy made bears the
     * strategy's id instead.
     */
    String name();

    /**
     * Called when a trainer begins, before its first forward pass; the model's parameters may have
     * no values yet, nor may the guard's memory be read.
     *
     * <p>A guard may freeze parameters here, or put a block before the model's that has the same
     * parameters under the same names ({@code model.setBlock}); it must undo that in {@link
     * #onTrainerEnd}.
     *
     * @throws EngramException if model or trainer do not suit; nothing may have changed then
     */
    default void onTrainerBegin(Trainer trainer) {}

    /**
     * Called when a trainer ends, after its last task; also where {@link #onTrainerBegin} threw.
     */
    default void onTrainerEnd(Trainer trainer) {}

    /** Called before the first step of a task, with initialised parameters. */
    default void onTaskBegin(TrainingView training) {}

    /**
     * Returns the roles that the guard plays, such as {@link dev.engram.api.spi.Role#REHEARSAL}; a
     * guard that rehearses edits gradients before the others.
     */
    default Set<String> roles() {
        return Set.of();
    }

    /**
     * Returns whether {@link #onTaskEnd} looks at samples of the task, which the listener then
     * keeps while the task trains; without a need it keeps only enough to know the task's classes.
     */
    default boolean needsSamples() {
        return true;
    }

    /**
     * Called when other parameters train than before, because some were frozen or thawed while the
     * task trains; before the next {@link #onGradient}.
     */
    default void onParametersChanged(TrainingView training) {}

    /** Returns whether {@link #onLoss} has terms to add to the loop's loss. */
    default boolean addsToLoss() {
        return false;
    }

    /**
     * Called between a batch's forward and backward pass, if {@link #addsToLoss}: returns a term
     * that is added to the batch's loss, so that one backward pass serves both.
     *
     * <p>It cannot be called for every batch: not for a task's first one, not where a loop computes
     * its loss past {@code trainer.getLoss()}, trains on several devices or a TorchScript model,
     * and not where another guard looks at the loop's gradients alone ({@link #onGradient}). What
     * {@link StepBatch#wasJoined} does not say to have been joined is to be added in {@link
     * #onBackward}, in a pass of the guard's own; a guard that leaves {@code onBackward} as it is
     * is refused where it cannot be asked.
     *
     * @return a scalar, recorded for autograd, in the units of the mean loss of a batch; or nothing
     */
    default Optional<NDArray> onLoss(LossView batch) {
        return Optional.empty();
    }

    /**
     * Returns whether {@link #onGradient}, where it is overridden, needs the loop's gradients
     * alone: no guard can then add its term to the loop's own loss ({@link #onLoss}), which costs
     * it a backward pass a step. Asked when a trainer begins.
     */
    default boolean looksAtGradients() {
        return true;
    }

    /**
     * Called just before the optimizer's step, before any guard edits the gradients: they are the
     * loop's alone. Must not edit them.
     */
    default void onGradient(StepView step) {}

    /** Called just before the optimizer's step, after {@link #onGradient}; may edit gradients. */
    default void onBackward(StepView step) {}

    /**
     * Returns whether {@link #onUpdate} looks at what each step of the optimizer does; at the steps
     * at which it compares ({@link #comparesUpdate}) that costs a copy of the weights. Asked before
     * each task begins: a guard that has nothing to do in it, as in a first task, says no.
     */
    default boolean looksAtUpdates() {
        return false;
    }

    /**
     * Returns whether {@link #onUpdate} of a step looks at {@link UpdateView#before}: where no
     * guard does, no weight is copied, and the step costs what it costs without this. Asked just
     * before the optimizer's step, if {@link #looksAtUpdates}.
     *
     * @param step its number in the task, from 1
     */
    default boolean comparesUpdate(long step) {
        return true;
    }

    /**
     * Called when the optimizer has updated the weights, if {@link #looksAtUpdates}: may change
     * them in place, under any optimizer. It is within the trainer's {@code step()}, so that
     * whoever looks at the weights next sees what is left here; only where a loop updates its
     * weights past the trainer it is later, before {@link #onStep}.
     */
    default void onUpdate(UpdateView update) {}

    /**
     * Called while a task trains, before others than the loop's own training passes see the weights
     * through the model: a validation, a prediction, a file. A guard that puts off what it does to
     * the weights, such as to every so many steps, must do it now.
     *
     * <p>It is called once after a step at most, on the training thread; not where that has a
     * gradient collector open. Where tasks have parameters of their own it is not called.
     */
    default void onWeightsRead(TrainingView training) {}

    /**
     * Called after the optimizer's step and before the next edit of gradients.
     *
     * <p>It is the next batch, or the end of the epoch or training. The gradients may already be
     * the next batch's.
     */
    default void onStep(TrainingView training) {}

    /** Called when an epoch ended; a synchronisation with the device is allowed here. */
    default void onEpoch(TrainingView training) {}

    /**
     * Called when a task was learnt, for all guards before the first {@link #onTaskEnd}: does what
     * can fail, such as estimating an importance, and changes nothing of what earlier tasks left.
     *
     * <p>If any guard throws here, none is called to {@code onTaskEnd}, and all to {@link
     * #onTaskAborted}.
     */
    default void prepareTaskEnd(FinishedTask task) {}

    /** Called when a task was learnt; must either consolidate it wholly or leave all as it was. */
    default void onTaskEnd(FinishedTask task) {}

    /** Called instead of {@link #onTaskEnd} when a task's training failed or was broken off. */
    default void onTaskAborted(TrainingView training) {}

    /**
     * Called instead of {@link #onTaskEnd} for a base model of which no data is at hand: holds the
     * weights as they are.
     *
     * @throws EngramException if the guard cannot work without data (the default)
     */
    default void onAnchor(TrainingView training) {
        throw new EngramException(
                "Guard \"" + name() + "\" needs samples: call remember(model, dataset)");
    }

    /** Returns whether {@link #onBase} can protect a model without data of its task. */
    default boolean protectsBase() {
        return false;
    }

    /**
     * Called before {@link #onTaskBegin} of the first task of a model that had values already, if
     * the user asked for their protection and {@link #protectsBase} is true: takes in what the
     * model can do. The weights are as they were.
     *
     * @param base the model; its samples are inputs of the new task, perhaps none, without labels,
     *     and its parameters those that had values
     */
    default void onBase(FinishedTask base) {
        throw new EngramException(
                "Guard \"" + name() + "\" needs data: call remember(model, dataset)");
    }

    /** Returns the effect since the task began; empty where there is nothing to protect yet. */
    default Optional<GuardEffect> effect() {
        return Optional.empty();
    }

    /**
     * Removes every sample of a subject that the guard keeps, wherever it keeps it.
     *
     * @return how many samples were removed; 0 for a guard that keeps none (the default)
     */
    default long erase(String subject) {
        return 0;
    }

    /**
     * Takes note that what was kept of some tasks beside the memory, such as samples in a store of
     * its own, may be lost: the user says so, and goes on without it. Without this a guard must
     * refuse to train where it misses what its memory knows of.
     */
    default void continueWithout(Set<String> tasks) {}

    /**
     * Returns the version of what {@link #save} writes, 1 or more. What an earlier version wrote
     * must be restored for ever: {@link MemoryReader#stateVersion} tells which it was. State of a
     * later version than this is refused before {@link #restore} is called.
     */
    default int stateVersion() {
        return 1;
    }

    /** Writes down everything that a later process needs to go on as if it were this one. */
    void save(MemoryWriter memory);

    /** Reads back what {@link #save} wrote; called at most once, before the first task. */
    void restore(MemoryReader memory);

    /** Frees what the guard holds beyond its manager; called when the listener closes. */
    @Override
    default void close() {}
}
