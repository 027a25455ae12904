package dev.engram.api.guard;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Stable;

/**
 * A batch of the loop between its forward and its backward pass: the loss is computed, and the
 * loop's gradient collector is open.
 */
@Stable(since = "0.1", implementedBy = "Engram")
public interface LossView extends TrainingView {

    /** Returns the number, within the task and from 1, of the step that the batch is part of. */
    long step();

    /** Returns the inputs, as the model took them. */
    NDList inputs();

    /** Returns the labels, as the loss takes them. */
    NDList labels();

    /** Returns what the model predicted, within autograd. */
    NDList predictions();

    /**
     * Returns a manager for this call's arrays; Engram closes it when the backward pass is over.
     */
    NDManager scratch();
}
