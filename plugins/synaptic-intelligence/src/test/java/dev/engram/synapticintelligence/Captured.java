package dev.engram.synapticintelligence;

import ai.djl.ndarray.NDArray;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** A guard that drives an estimator as the penalty guard does, and hands the test what it found. */
final class Captured implements ForgettingGuard {

    private final ImportanceEstimator importance;
    private final Map<String, float[]> found = new LinkedHashMap<>();

    Captured(ImportanceEstimator importance) {
        this.importance = importance;
    }

    Map<String, float[]> found() {
        return found;
    }

    @Override
    public String name() {
        return "captured";
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        importance.onTaskBegin(training);
    }

    @Override
    public void onGradient(StepView step) {
        importance.onBackward(step);
    }

    @Override
    public void onStep(TrainingView training) {
        importance.onStep(training);
    }

    @Override
    public void onEpoch(TrainingView training) {
        importance.onEpoch(training);
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        for (Map.Entry<String, NDArray> entry : importance.estimate(task).entrySet()) {
            found.put(entry.getKey(), entry.getValue().toFloatArray());
        }
    }

    @Override
    public void onAnchor(TrainingView training) {}

    @Override
    public void save(MemoryWriter memory) {}

    @Override
    public void restore(MemoryReader memory) {}

    @Override
    public void close() {
        importance.close();
    }
}
