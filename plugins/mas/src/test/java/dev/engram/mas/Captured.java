package dev.engram.mas;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.Dataset;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.ForgettingListener;
import java.util.LinkedHashMap;
import java.util.Map;

/** A guard that only computes an importance and hands it to the test. */
final class Captured implements ForgettingGuard {

    private final ImportanceEstimator importance;
    private final Map<String, float[]> found = new LinkedHashMap<>();

    private Captured(ImportanceEstimator importance) {
        this.importance = importance;
    }

    /** Returns the importance of a model over a data set, by parameter name. */
    static Map<String, float[]> of(ImportanceEstimator importance, Model model, Dataset dataset) {
        Captured guard = new Captured(importance);
        try (ForgettingListener listener = ForgettingListener.builder().addGuard(guard).build()) {
            listener.remember(model, dataset);
        }
        return guard.found;
    }

    @Override
    public String name() {
        return "captured";
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        for (Map.Entry<String, NDArray> entry : importance.estimate(task).entrySet()) {
            found.put(entry.getKey(), entry.getValue().toFloatArray());
        }
    }

    @Override
    public void save(MemoryWriter memory) {}

    @Override
    public void restore(MemoryReader memory) {}
}
