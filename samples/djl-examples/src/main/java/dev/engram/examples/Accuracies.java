package dev.engram.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import java.io.IOException;

/** Counts right answers; a sample with several labels has as many answers. */
final class Accuracies {

    private Accuracies() {}

    /** Returns the share of right answers of a model's block. */
    static double of(Model model, Dataset tests) throws IOException, TranslateException {
        long right = 0;
        long answers = 0;
        try (NDManager own = model.getNDManager().newSubManager()) {
            ParameterStore store = new ParameterStore(own, false);
            for (Batch batch : tests.getData(own)) {
                try (batch) {
                    NDList outputs = model.getBlock().forward(store, batch.getData(), false);
                    for (int i = 0; i < outputs.size(); i++) {
                        NDArray label = batch.getLabels().get(i);
                        right += right(outputs.get(i), label);
                        answers += label.getShape().get(0);
                    }
                }
            }
        }
        return (double) right / answers;
    }

    private static long right(NDArray output, NDArray label) {
        try (NDArray best = output.argMax(1);
                NDArray whole = label.toType(DataType.INT64, false);
                NDArray hits = best.eq(whole);
                NDArray sum = hits.toType(DataType.INT64, false).sum()) {
            return sum.getLong();
        }
    }
}
