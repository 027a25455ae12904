package dev.engram.djl.internal.loss;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.LossView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.task.Task;
import java.util.List;

/** What a guard sees of a batch between its forward and its backward pass. */
public record JointPass(TrainingView training, long step, JointLoss.Pass pass, NDManager scratch)
        implements LossView {

    @Override
    public NDList inputs() {
        return pass.inputs();
    }

    @Override
    public NDList labels() {
        return pass.labels();
    }

    @Override
    public NDList predictions() {
        return pass.predictions();
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

    @Override
    public GuardedModel model() {
        return training.model();
    }
}
