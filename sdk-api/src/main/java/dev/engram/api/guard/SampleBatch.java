package dev.engram.api.guard;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Stable;

/** Some samples of one task; the first dimension of every array counts the samples. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface SampleBatch {

    /** Returns the inputs, as the model takes them. */
    NDList data();

    /** Returns the labels, as the loss takes them. */
    NDList labels();

    /** Returns the number of samples, at least 1. */
    int size();

    /** Returns the manager of the batch; arrays created there go with the batch. */
    NDManager manager();
}
