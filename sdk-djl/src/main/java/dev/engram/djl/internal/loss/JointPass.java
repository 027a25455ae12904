package dev.engram.djl.internal.loss;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LossView;
import dev.engram.api.guard.TrainingView;
import dev.engram.djl.internal.guards.SeenTraining;

/** What a guard sees of a batch between its forward and its backward pass. */
public record JointPass(TrainingView training, long step, JointLoss.Pass pass, NDManager scratch)
        implements LossView, SeenTraining {

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
}
