package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDManager;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepBatch;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.task.Task;
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
        implements StepView {

    @Override
    public double lossScale() {
        return scale.getAsDouble();
    }

    @Override
    public GuardedModel model() {
        return training.model();
    }

    @Override
    public Task task() {
        return training.task();
    }

    @Override
    public List<LiveParameter> parameters() {
        return training.parameters();
    }

    @Override
    public Loss loss() {
        return training.loss();
    }

    @Override
    public NDManager manager() {
        return training.manager();
    }
}
