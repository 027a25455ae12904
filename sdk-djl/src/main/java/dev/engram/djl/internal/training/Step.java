package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDManager;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.api.guard.StepBatch;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.djl.internal.guards.SeenTraining;
import java.util.List;
import java.util.function.DoubleSupplier;

/** What a guard sees of one step. */
public record Step(
        TrainingView training,
        long step,
        BatchData batch,
        List<StepBatch> batches,
        List<String> subjects,
        Trainer trainer,
        DoubleSupplier scale,
        NDManager scratch)
        implements StepView, SeenTraining {

    @Override
    public double lossScale() {
        return scale.getAsDouble();
    }
}
