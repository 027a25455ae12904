package dev.engram.api.replay;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;

/** The implementation of {@link ReplayedBatch} for those who write none. */
record DrawnBatch(
        NDList data, NDList labels, NDList predictions, List<String> tasks, NDManager manager)
        implements ReplayedBatch {

    @Override
    public int size() {
        return tasks.size();
    }
}
