package dev.engram.api.guard;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Stable;
import java.util.List;

/**
 * Some samples of one task; the first dimension of every array counts the samples.
 *
 * <p>A source of samples may implement it, as a {@code ReplayedBatch}: it grows by default methods
 * only.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface SampleBatch {

    /** Returns the inputs, as the model takes them. */
    NDList data();

    /** Returns the labels, as the loss takes them. */
    NDList labels();

    /**
     * Returns whom each sample is about, one name a sample; empty where the user did not say.
     *
     * <p>Whoever keeps samples must be able to erase those of a subject.
     */
    default List<String> subjects() {
        return List.of();
    }

    /** Returns the number of samples, at least 1. */
    int size();

    /** Returns the manager of the batch; arrays created there go with the batch. */
    NDManager manager();
}
