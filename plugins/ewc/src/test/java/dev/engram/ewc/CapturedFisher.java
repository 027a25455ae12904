package dev.engram.ewc;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.ForgettingListener;
import java.util.LinkedHashMap;
import java.util.Map;

/** A guard that only computes a Fisher and hands it to the test. */
final class CapturedFisher implements ForgettingGuard {

    private final FisherImportance fisher;
    private final Map<String, float[]> found = new LinkedHashMap<>();

    private CapturedFisher(FisherImportance fisher) {
        this.fisher = fisher;
    }

    /** Returns the Fisher of a model over a data set, by parameter name. */
    static Map<String, float[]> of(
            FisherImportance fisher, Model model, Dataset dataset, Loss loss, int samples) {
        CapturedFisher guard = new CapturedFisher(fisher);
        try (ForgettingListener listener =
                ForgettingListener.builder().addGuard(guard).optSampleCapacity(samples).build()) {
            listener.remember(model, dataset, loss);
        }
        return guard.found;
    }

    @Override
    public String name() {
        return "captured";
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        for (Map.Entry<String, NDArray> entry : fisher.estimate(task).entrySet()) {
            found.put(entry.getKey(), entry.getValue().toFloatArray());
        }
    }

    @Override
    public void save(MemoryWriter memory) {}

    @Override
    public void restore(MemoryReader memory) {}
}
