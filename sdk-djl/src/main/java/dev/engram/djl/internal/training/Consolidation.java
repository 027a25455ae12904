package dev.engram.djl.internal.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.sample.UniformSample;
import java.util.List;

/** What a guard sees of a task that has just been learnt. */
public record Consolidation(
        TrainingView training,
        UniformSample sample,
        Block evaluation,
        ParameterStore store,
        NDManager scratch)
        implements FinishedTask {

    @Override
    public long sampleCount() {
        return sample.size();
    }

    @Override
    public Iterable<SampleBatch> samples(int size) {
        if (!sample.keepsInputs()) {
            throw new EngramException(
                    "No samples of task \"%s\" were kept: every guard says that it needs none (needsSamples)"
                            .formatted(task().name()));
        }
        Device device = scratch.getDevice();
        return sample.batches(size, scratch, device);
    }

    @Override
    public NDList predict(NDList inputs) {
        return evaluation.forward(store, inputs, false);
    }

    @Override
    public NDArray features(NDList inputs) {
        if (evaluation.getClass() != SequentialBlock.class || evaluation.getChildren().size() < 2) {
            return predict(inputs).head();
        }
        NDList seen = inputs;
        List<Block> layers = evaluation.getChildren().values();
        for (Block layer : layers.subList(0, layers.size() - 1)) {
            seen = layer.forward(store, seen, false);
        }
        return seen.head();
    }

    @Override
    public GradientCollector newGradientCollector() {
        try {
            return scratch.getEngine().newGradientCollector();
        } catch (IllegalStateException e) {
            throw GuardSlot.openCollector(e);
        }
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
