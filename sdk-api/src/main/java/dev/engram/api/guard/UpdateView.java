package dev.engram.api.guard;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Stable;
import java.util.Map;

/**
 * What one step of the optimizer did: the weights before it, and, in {@link #parameters}, as they
 * are after it, to be changed in place.
 *
 * <p>The optimizer's own state, such as Adam's moments, is not to be seen and stays as it is.
 */
@Stable(since = "0.1", implementedBy = "Engram")
public interface UpdateView extends TrainingView {

    /** Returns the number of this step within the task, from 1. */
    long step();

    /**
     * Returns copies of the values that each of {@link #parameters} had before the step, by path
     * name; they live as long as this call. Empty where no guard said that it looks at them ({@link
     * ForgettingGuard#comparesUpdate}).
     */
    Map<String, NDArray> before();

    /** Returns a manager for this call's arrays; Engram closes it when the call returns. */
    NDManager scratch();
}
