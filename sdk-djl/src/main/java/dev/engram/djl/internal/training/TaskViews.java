package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.check.WrappedLoss;
import dev.engram.djl.internal.guards.GuardSlot;
import dev.engram.djl.internal.guards.SeenModel;
import dev.engram.djl.internal.guards.Training;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import dev.engram.djl.internal.parameters.TrainedParameters;

/**
 * What guards see of the training of one task.
 *
 * @param store knows where the model's live arrays are
 * @param parameters those that train now
 */
record TaskViews(Task task, Trainer trainer, ParameterStore store, TrainedParameters parameters) {

    /** Returns the user's block. */
    Block block() {
        return IsolatedBlock.usersBlock(trainer.getModel().getBlock());
    }

    /** Returns the user's loss. */
    Loss loss() {
        return WrappedLoss.own(trainer.getLoss());
    }

    SeenModel model() {
        return new SeenModel(block(), store, trainer.getDevices()[0], trainer.getDevices().length);
    }

    /** Returns what a guard sees between two steps. */
    TrainingView of(GuardSlot slot) {
        return new Training(task, parameters.list(), loss(), slot.manager(), () -> model().shown());
    }

    /** Returns what a guard sees in a call; {@code scope} owns what the model computes in it. */
    TrainingView of(GuardSlot slot, NDManager scope) {
        return new Training(
                task, parameters.list(), loss(), slot.manager(), () -> model().in(scope));
    }
}
