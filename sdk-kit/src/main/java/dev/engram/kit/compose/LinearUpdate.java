package dev.engram.kit.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import dev.engram.api.Stable;

/** What is added to the product of some values and a weight. */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface LinearUpdate {

    /**
     * Returns what is added, of the product's shape.
     *
     * @param input what is multiplied by the weight; its last axis is the layer's inputs
     * @param store gives the values of parameters
     */
    NDArray of(NDArray input, ParameterStore store, boolean training);
}
