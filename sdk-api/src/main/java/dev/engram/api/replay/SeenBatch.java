package dev.engram.api.replay;

import ai.djl.ndarray.NDList;
import dev.engram.api.task.Task;
import java.util.List;

/** The only implementation of {@link ObservedBatch}. */
record SeenBatch(Task task, NDList data, NDList labels, NDList predictions, List<String> subjects)
        implements ObservedBatch {}
