package dev.engram.api.replay;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Stable;
import dev.engram.api.guard.SampleBatch;
import java.util.List;

/**
 * Samples of earlier tasks, all of the same shapes.
 *
 * <p>{@link #of} makes one. This type grows by default methods only.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface ReplayedBatch extends SampleBatch {

    /** Returns the name of each sample's task; samples of one task stand together. */
    List<String> tasks();

    /**
     * Returns what the model predicted when the samples were observed; empty where the source does
     * not keep it.
     */
    NDList predictions();

    /**
     * Returns a batch of those parts.
     *
     * @param predictions empty where the source keeps none
     * @param tasks one name a sample
     * @param manager that owns the arrays
     */
    static ReplayedBatch of(
            NDList data, NDList labels, NDList predictions, List<String> tasks, NDManager manager) {
        return new DrawnBatch(data, labels, predictions, List.copyOf(tasks), manager);
    }
}
