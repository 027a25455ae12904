package dev.engram.analytic.internal.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;
import dev.engram.analytic.internal.sums.RowBuffer;
import dev.engram.api.guard.StepBatch;
import dev.engram.api.guard.StepView;
import java.util.ArrayList;
import java.util.List;

/** The features of the training passes since the last step of the optimizer, in their order. */
public final class SeenFeatures {

    private final List<NDArray> passes = new ArrayList<>();

    public void take(NDArray features) {
        passes.add(features);
    }

    public void clear() {
        passes.clear();
    }

    /** Hands on the features of a step's batches, each with its labels. */
    public void feed(StepView step, FrozenModel model, RowBuffer rows) {
        List<StepBatch> batches = step.batches();
        boolean isEach = batches.size() == passes.size();
        for (int i = 0; i < batches.size(); i++) {
            StepBatch batch = batches.get(i);
            if (!batch.labels().isEmpty()) {
                NDArray labels = batch.labels().head();
                boolean isOwn = isEach && isOf(passes.get(i), labels);
                rows.add(isOwn ? passes.get(i) : again(batch.data(), step, model), labels);
            }
        }
        passes.clear();
    }

    private static boolean isOf(NDArray features, NDArray labels) {
        return !features.isReleased() && vectors(features) == labels.size();
    }

    private static long vectors(NDArray features) {
        return features.size() / features.getShape().get(features.getShape().dimension() - 1);
    }

    /** Runs the base once more, where a loop makes other passes, or its batches are gone. */
    private static NDArray again(NDList data, StepView step, FrozenModel model) {
        ParameterStore store = new ParameterStore(step.scratch(), false);
        NDArray features = model.split().features(store, data);
        features.attach(step.scratch());
        return features;
    }
}
