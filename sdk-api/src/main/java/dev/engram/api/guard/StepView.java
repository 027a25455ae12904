package dev.engram.api.guard;

import ai.djl.ndarray.NDManager;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.api.Stable;
import java.util.List;

/** One training step, as a guard sees it. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface StepView extends TrainingView {

    /** Returns the number of this step within the task, from 1. */
    long step();

    /** Returns the batch with its labels and predictions. */
    BatchData batch();

    /** Returns the trainer that runs the step; a second gradient collector may be opened on it. */
    Trainer trainer();

    /** Returns whom each sample of the batch is about; empty where the user did not say. */
    default List<String> subjects() {
        return List.of();
    }

    /** Returns a manager for this call's arrays; Engram closes it when the call returns. */
    NDManager scratch();
}
