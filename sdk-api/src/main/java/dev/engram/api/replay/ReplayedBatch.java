package dev.engram.api.replay;

import ai.djl.ndarray.NDList;
import dev.engram.api.Experimental;
import dev.engram.api.guard.SampleBatch;

/** Samples of earlier tasks, all of the same shapes. */
@Experimental(since = "0.1", implementedBy = "plug-ins")
public interface ReplayedBatch extends SampleBatch {

    /**
     * Returns what the model predicted when the samples were observed; empty where the source does
     * not keep it.
     */
    NDList predictions();
}
