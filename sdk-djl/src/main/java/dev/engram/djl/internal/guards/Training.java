package dev.engram.djl.internal.guards;

import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.task.Task;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a guard sees of a training.
 *
 * @param shown gives the model, when it is asked for
 */
public record Training(
        Task task,
        List<LiveParameter> parameters,
        Loss loss,
        NDManager manager,
        Supplier<GuardedModel> shown)
        implements TrainingView {

    @Override
    public GuardedModel model() {
        return shown.get();
    }
}
