package dev.engram.kit.rehearsal;

import ai.djl.ndarray.NDArray;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;

/** Turns drawn samples into gradients. */
interface Rehearsal {

    /** Refuses a loss that it cannot work with, before the first step of a task. */
    default void require(TrainingView training) {}

    /**
     * Edits the gradients of a step that draws no earlier samples, although there are some.
     *
     * <p>It does nothing unless the method changes what new samples learn, too.
     */
    default void rest(StepView step) {}

    /**
     * Returns whether it looks at the gradient of the drawn samples apart from that of the loop.
     */
    default boolean comparesGradients() {
        return false;
    }

    /** Returns whether it has any weight; without one nothing is rehearsed. */
    default boolean acts() {
        return true;
    }

    /**
     * Edits the gradients of a step, whose parameters hold those of the new batch alone.
     *
     * @return the loss of the drawn samples as it went into the gradients, on the device, owned by
     *     the step's scratch manager
     */
    NDArray rehearse(StepView step, Drawn drawn);

    /** Frees what it holds from task to task. */
    default void close() {}
}
