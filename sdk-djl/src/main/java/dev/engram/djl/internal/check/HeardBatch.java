package dev.engram.djl.internal.check;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.api.guard.StepBatch;
import dev.engram.kit.autograd.EngineMemory;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A batch that the loop showed: its own arrays, or copies that outlive them. */
public record HeardBatch(
        NDList data, NDList labels, NDList predictions, List<String> subjects, boolean wasJoined)
        implements StepBatch {

    /** Returns the arrays of the loop; what it did not give is empty. */
    public static HeardBatch of(BatchData heard, List<String> subjects) {
        return of(heard, subjects, false);
    }

    /**
     * As {@link #of(BatchData, List)}.
     *
     * @param wasJoined whether guards were asked for terms of its loss
     */
    public static HeardBatch of(BatchData heard, List<String> subjects, boolean wasJoined) {
        Batch batch = heard.getBatch();
        return new HeardBatch(
                batch == null ? new NDList() : batch.getData(),
                batch == null ? first(heard.getLabels()) : given(batch.getLabels()),
                first(heard.getPredictions()),
                subjects,
                wasJoined);
    }

    /** Returns how many outputs the model gives a sample, 0 if that is unknown or no vector. */
    public long outputs() {
        return predictions.isEmpty() ? 0 : SharedHeadCheck.outputs(predictions.head());
    }

    /** Returns whether all arrays are still there. */
    public boolean isAlive() {
        return List.of(data, labels, predictions).stream()
                .allMatch(list -> list.stream().noneMatch(NDArray::isReleased));
    }

    public HeardBatch copy(NDManager owner) {
        return new HeardBatch(
                copy(data, owner),
                copy(labels, owner),
                copy(predictions, owner),
                subjects,
                wasJoined);
    }

    private static NDList given(@Nullable NDList labels) {
        return labels == null ? new NDList() : labels;
    }

    private static NDList first(Map<?, NDList> perDevice) {
        return perDevice == null || perDevice.isEmpty()
                ? new NDList()
                : perDevice.values().iterator().next();
    }

    /** Detached: a copy that is part of the graph would keep all of it. */
    private static NDList copy(NDList arrays, NDManager owner) {
        NDList copies = new NDList();
        arrays.forEach(array -> copies.add(EngineMemory.copy(array, owner)));
        return copies;
    }
}
