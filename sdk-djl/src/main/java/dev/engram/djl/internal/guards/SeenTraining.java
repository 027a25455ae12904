package dev.engram.djl.internal.guards;

import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.task.Task;
import java.util.List;

/** What a guard sees of one moment of a training, whose view of the whole it shares. */
public interface SeenTraining extends TrainingView {

    /** Returns the view of the whole. */
    TrainingView training();

    @Override
    default Task task() {
        return training().task();
    }

    @Override
    default List<LiveParameter> parameters() {
        return training().parameters();
    }

    @Override
    default Loss loss() {
        return training().loss();
    }

    @Override
    default NDManager manager() {
        return training().manager();
    }

    @Override
    default GuardedModel model() {
        return training().model();
    }
}
