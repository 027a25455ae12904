package dev.engram.gradientprojection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.gradientprojection.internal.energy.Covariance;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of tasks, and what of an update is taken away for them.
 *
 * <p>Between tasks only. What a layer is fed is a {@link Covariance}; parameters that are no
 * layer's matrix have for each element the mean of its squared gradients, as if each were a layer
 * of one input.
 */
interface ProjectionRule {

    /**
     * Returns what is kept of all tasks.
     *
     * @param earlier what was kept so far, as wide as the task's
     * @param task of a mean diagonal of 1
     * @param owner owns what is returned
     */
    Covariance joined(@Nullable Covariance earlier, Covariance task, NDManager owner);

    /** Returns what is to be taken out of a layer's updates. */
    Removal removal(Covariance kept, NDManager owner);

    /** The same for elements, of a mean of 1. */
    NDArray joinedElements(@Nullable NDArray earlier, NDArray task, NDManager owner);

    /** Returns which share of each element's update is to be taken out, 0 to 1. */
    NDArray elementShares(NDArray kept, NDManager owner);
}
