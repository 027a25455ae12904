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
import java.util.Locale;
import java.util.Map;

/**
 * A moving average of gradients over the steps of all tasks, of their squares or magnitudes: {@code
 * v ← d v + (1 − d) g²}.
 *
 * <p>The average goes on from one task to the next, in another process, too. A task that is broken
 * off leaves no trace, because each begins with a copy of what the last one left.
 */
final class MovingAverageImportance implements ImportanceEstimator {

    private static final String KIND = "average";
    private static final String FORM = "form";

    private final double decay;
    private final Form form;
    private final Averages learnt = new Averages();
    private final Averages training = new Averages();
    private boolean hasListened;

    MovingAverageImportance(double decay, Form form) {
        this.decay = decay;
        this.form = form;
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
                    NDArray way = form.of(gradient)) {
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

    /** Version 2 says of what the average is; in version 1 it was of squares. */
    @Override
    public int stateVersion() {
        return 2;
    }

    @Override
    public void save(MemoryWriter memory) {
        memory.text(FORM, form.name());
        learnt.byName.forEach(
                (name, average) -> {
                    NDArray copy = average.duplicate();
                    copy.attach(memory.manager());
                    memory.tensor(KIND, name, copy);
                });
    }

    @Override
    public void restore(MemoryReader memory) {
        String written = memory.text(FORM).orElse(Form.SQUARE.name());
        if (!written.equals(form.name())) {
            String before = written.toLowerCase(Locale.ROOT);
            throw new EngramException(
                    "acme-ema went by the %s of gradients until now: set form = %s, or use another memory directory"
                            .formatted(before, before));
        }
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
