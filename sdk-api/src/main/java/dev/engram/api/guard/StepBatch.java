package dev.engram.api.guard;

import ai.djl.ndarray.NDList;
import dev.engram.api.Stable;
import java.util.List;

/** One of the batches whose gradients a step adds up. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface StepBatch {

    /** Returns the inputs, as the model takes them. */
    NDList data();

    /** Returns the labels, as the loss takes them; empty for unlabelled data. */
    NDList labels();

    /**
     * Returns what the model predicted, on the trainer's first device; empty if that is unknown.
     */
    NDList predictions();

    /**
     * Returns whether guards were asked for terms of its loss ({@link ForgettingGuard#onLoss})
     * before its backward pass.
     */
    default boolean wasJoined() {
        return false;
    }

    /** Returns whom each sample is about, one name a sample; empty where the user did not say. */
    default List<String> subjects() {
        return List.of();
    }
}
