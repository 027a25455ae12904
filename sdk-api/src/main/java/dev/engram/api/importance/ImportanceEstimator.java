package dev.engram.api.importance;

import ai.djl.ndarray.NDArray;
import dev.engram.api.Stable;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.Map;

/**
 * Says how much a task needs each parameter.
 *
 * <p>An online estimator (the path integral of SI) listens to {@link #onBackward} and {@link
 * #onStep}; an offline one (Fisher) does all its work in {@link #estimate}. Called on the training
 * thread by the guard that it drives. This type grows by default methods only.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface ImportanceEstimator extends AutoCloseable {

    /** Returns whether {@link #estimate} looks at samples of the task. */
    default boolean needsSamples() {
        return true;
    }

    /**
     * Returns whether {@link #onBackward} looks at gradients, which must then be the task's alone:
     * no guard can add its term to the loop's own loss, and takes a backward pass a step instead.
     * An offline estimator, which does all its work in {@link #estimate}, should say no.
     */
    default boolean looksAtGradients() {
        return true;
    }

    /** Called before the first step of a task. */
    default void onTaskBegin(TrainingView training) {}

    /** Called when parameters were frozen or thawed while the task trains. */
    default void onParametersChanged(TrainingView training) {}

    /** Called just before the optimizer's step, while the gradient is still the task's alone. */
    default void onBackward(StepView step) {}

    /** Called after the optimizer's step. */
    default void onStep(TrainingView training) {}

    /**
     * Called when an epoch ended, after the last step's {@link #onStep}: a path of training ends
     * here, because the user may set other weights before the next batch, such as the best ones.
     */
    default void onEpoch(TrainingView training) {}

    /**
     * Returns the importance of each parameter for the finished task.
     *
     * @param task the task, its samples and the model in evaluation mode
     * @return by parameter name: the parameter's shape, every element finite and 0 or more,
     *     attached to {@link FinishedTask#scratch()}
     */
    Map<String, NDArray> estimate(FinishedTask task);

    /**
     * Returns the version of what {@link #save} writes, 1 or more, see {@link
     * dev.engram.api.guard.ForgettingGuard#stateVersion}.
     */
    default int stateVersion() {
        return 1;
    }

    /**
     * Writes down what a later process needs to go on as if it were this one, called when a task
     * was learnt. Nothing unless overridden: an estimator that begins each task anew has none.
     */
    default void save(MemoryWriter memory) {}

    /** Reads back what {@link #save} wrote; called at most once, before the first task. */
    default void restore(MemoryReader memory) {}

    /** Frees what the estimator holds; called when the listener closes. */
    @Override
    default void close() {}
}
