package dev.engram.sleep.internal.inputs;

import ai.djl.ndarray.NDManager;
import java.util.List;

/** Where the inputs of each step come from. */
public interface Lessons {

    /**
     * Returns those of a step.
     *
     * @param manager owns them
     */
    List<Lesson> next(NDManager manager);
}
