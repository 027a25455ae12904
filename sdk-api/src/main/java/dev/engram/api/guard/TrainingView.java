package dev.engram.api.guard;

import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import dev.engram.api.task.Task;
import java.util.List;

/** What a guard sees of the training that it guards. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface TrainingView {

    /** Returns the task at hand. */
    Task task();

    /** Returns the trainable floating-point parameters, in the model's order. */
    List<LiveParameter> parameters();

    /** Returns the user's loss. */
    Loss loss();

    /**
     * Returns the guard's own manager on the training device, for arrays that outlive a batch.
     *
     * <p>It lives as long as the listener, across tasks and trainers; Engram closes it.
     */
    NDManager manager();

    /**
     * Returns the model, to be run in evaluation mode; for the length of this call.
     *
     * @throws EngramException if this view shows none
     */
    default GuardedModel model() {
        throw new EngramException(
                "This view of a training shows no model that could be run: %s"
                        .formatted(getClass().getName()));
    }
}
