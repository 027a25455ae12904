package dev.engram.api.isolation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.api.Stable;
import dev.engram.api.guard.StepView;
import java.util.Map;
import java.util.Optional;

/**
 * The parameters of one task over a base, and how a forward pass uses them.
 *
 * <p>Forward passes may run on several threads at once, also for different tasks: an implementation
 * keeps what belongs to a pass in that pass. This type grows by default methods only.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface TaskParameters extends AutoCloseable {

    /**
     * Returns the parameters with names that are unique here and the same in every process.
     *
     * <p>Those that require a gradient are trained by the user's own optimizer, provided that
     * {@link #forward} asks the pass's store for them; the others, such as statistics, are kept and
     * restored with them.
     */
    PairList<String, Parameter> parameters();

    /** Computes the model's outputs for this task. */
    NDList forward(ForwardPass pass);

    /**
     * Called at each step after the backward pass, before anybody looks at gradients: a method
     * whose parameters take no part in the pass itself computes their gradients here.
     */
    default void onGradient(StepView step) {}

    /** Called at each step when gradients are complete; may edit those of {@link #parameters}. */
    default void onBackward(StepView step) {}

    /**
     * Returns the values that parameters of the base would have with this task built in, by path
     * name, or nothing if the task cannot be built in.
     *
     * @param manager owns the returned arrays
     */
    default Optional<Map<String, NDArray>> merged(NDManager manager) {
        return Optional.empty();
    }

    /**
     * Returns the task's changes of matrices that are products of two thinner ones, {@code W +
     * B·A}, by the path name of {@code W}: {@code B}, then {@code A}, with every factor in {@code
     * B}. A parameter of more than two axes counts as a matrix with a row for each entry of its
     * first axis. What the task changes otherwise is not among them.
     *
     * @param manager owns the returned arrays
     */
    default Map<String, NDList> products(NDManager manager) {
        return Map.of();
    }

    /** Frees what it holds besides the arrays of its parameters. */
    @Override
    default void close() {}
}
