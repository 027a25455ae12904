package com.example.forgetting;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A moving average of squared gradients over the steps of all tasks: {@code v ← d v + (1 − d) g²}.
 *
 * <p>The average goes on from one task to the next, in another process, too. A task that is broken
 * off leaves no trace, because each begins with a copy of what the last one left.
 */
final class MovingAverageImportance implements ImportanceEstimator {

    private static final String KIND = "average";

    private final double decay;
    private final Averages learnt = new Averages();
    private final Averages training = new Averages();
    private boolean hasListened;

    MovingAverageImportance(double decay) {
        this.decay = decay;
    }

    @Override
    public boolean needsSamples() {
        return false;
    }

    @Override
    public void onTaskBegin(TrainingView view) {
        training.take(learnt.byName, view.manager());
        hasListened = false;
    }

    @Override
    public void onBackward(StepView step) {
        hasListened = true;
        for (LiveParameter parameter : step.parameters()) {
            NDArray average = training.of(parameter);
            try (NDArray gradient = parameter.gradient();
                    NDArray way = gradient.square()) {
                way.subi(average);
                way.muli(1 - decay);
                average.addi(way);
            }
        }
    }

    @Override
    public Map<String, NDArray> estimate(FinishedTask task) {
        if (!hasListened) {
            throw new EngramException(
                    "acme-ema averages the gradients of a training, and task \"%s\" was trained where nobody listened: train it under the listener, or take a strategy that asks samples, such as ewc"
                            .formatted(task.task().name()));
        }
        learnt.take(training.byName, task.manager());
        Map<String, NDArray> importance = new LinkedHashMap<>();
        for (LiveParameter parameter : task.parameters()) {
            NDArray found = learnt.of(parameter).duplicate();
            found.attach(task.scratch());
            importance.put(parameter.name(), found);
        }
        return importance;
    }

    @Override
    public void save(MemoryWriter memory) {
        learnt.byName.forEach(
                (name, average) -> {
                    NDArray copy = average.duplicate();
                    copy.attach(memory.manager());
                    memory.tensor(KIND, name, copy);
                });
    }

    @Override
    public void restore(MemoryReader memory) {
        try (NDManager read = memory.manager().newSubManager()) {
            learnt.take(memory.tensors(KIND, read), memory.manager());
        }
    }

    @Override
    public void close() {
        training.close();
        learnt.close();
    }
}
