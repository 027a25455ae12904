package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.guard.UpdateView;
import dev.engram.api.task.Task;
import java.util.List;
import java.util.Map;

/** What a guard sees of one update. */
record Update(TrainingView training, long step, Map<String, NDArray> before, NDManager scratch)
        implements UpdateView {

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
