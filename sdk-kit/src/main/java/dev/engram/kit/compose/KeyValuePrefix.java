package dev.engram.kit.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;
import dev.engram.api.Stable;

/** Keys and values that every position of an attention layer sees besides those of the input. */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface KeyValuePrefix {

    /**
     * Returns the keys and the values, each of shape (batch, positions, width).
     *
     * <p>Both must belong to the input's manager, or they outlive the pass: what an operation
     * returns belongs to the manager of its first operand, so that operand must not be a parameter.
     *
     * @param store to be asked for the arrays of parameters
     * @param input the input from which the layer computes its keys, (batch, sequence, width)
     * @param training whether the pass trains
     */
    NDList keysAndValues(ParameterStore store, NDArray input, boolean training);
}
