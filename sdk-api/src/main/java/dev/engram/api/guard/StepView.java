package dev.engram.api.guard;

import ai.djl.ndarray.NDManager;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.api.Stable;
import java.util.List;

/**
 * One step of the optimizer, as a guard sees it: the gradients are complete, and of all batches
 * that the loop adds up to it.
 */
@Stable(since = "0.1", implementedBy = "Engram")
public interface StepView extends TrainingView {

    /** Returns the number of this step within the task, from 1. */
    long step();

    /**
     * Returns the batch with its labels and predictions; the last one where the loop adds up the
     * gradients of several batches to one step.
     */
    BatchData batch();

    /**
     * Returns the batches of this step in their order: one, or as many as the loop adds up. Those
     * whose outputs or gradients are not finite are left out, so that there may be none.
     *
     * <p>Earlier ones are copies that live as long as {@link #scratch}.
     */
    default List<StepBatch> batches() {
        return List.of();
    }

    /**
     * Returns by what the gradients are larger than that of the mean of the batches' losses, each
     * as {@link #loss} gives it: 1 for a single batch; for {@code k} batches 1 where the loop
     * divides each loss by {@code k}, and {@code k} where the loss itself does so, or nobody.
     *
     * <p>A loss that is to weigh as the batches do is multiplied by it. What it is for several
     * batches is measured when it is first asked for in a task, which runs the model.
     */
    default double lossScale() {
        return 1;
    }

    /** Returns the trainer that runs the step; a second gradient collector may be opened on it. */
    Trainer trainer();

    /** Returns whom each sample of the batch is about; empty where the user did not say. */
    default List<String> subjects() {
        return List.of();
    }

    /** Returns a manager for this call's arrays; Engram closes it when the call returns. */
    NDManager scratch();
}
