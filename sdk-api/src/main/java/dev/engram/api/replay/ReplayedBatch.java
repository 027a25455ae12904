package dev.engram.api.replay;

import ai.djl.ndarray.NDList;
import dev.engram.api.Experimental;
import dev.engram.api.guard.SampleBatch;
import java.util.List;

/** Samples of earlier tasks, all of the same shapes. */
@Experimental(since = "0.1", implementedBy = "plug-ins")
public interface ReplayedBatch extends SampleBatch {

    /** Returns the name of each sample's task; samples of one task stand together. */
    List<String> tasks();

    /**
     * Returns what the model predicted when the samples were observed; empty where the source does
     * not keep it.
     */
    NDList predictions();
}
