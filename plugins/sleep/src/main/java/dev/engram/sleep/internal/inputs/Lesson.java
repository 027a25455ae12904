package dev.engram.sleep.internal.inputs;

import ai.djl.ndarray.NDList;
import java.util.List;

/**
 * Inputs of a step.
 *
 * @param labels empty where there are none
 * @param tasks one name a sample, or none where nobody knows
 */
public record Lesson(NDList data, NDList labels, List<String> tasks) {

    /** Returns how many samples there are. */
    public int size() {
        return Math.toIntExact(data.head().getShape().get(0));
    }
}
