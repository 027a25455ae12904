package dev.engram.kit.overlay;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.api.Stable;

/**
 * What one task puts in the place of one parameter of the base.
 *
 * <p>The block that owns the parameter asks for its value at each forward pass and gets this one
 * instead, inside the autograd graph; it notices nothing. Called on any thread that runs a pass.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface ParameterOverlay {

    /** Returns the task's own parameters by names that are unique within this overlay. */
    PairList<String, Parameter> parameters();

    /** Returns whether the value depends on a parameter that is trained, listed here or not. */
    default boolean isTrained() {
        return parameters().values().stream().anyMatch(Parameter::requiresGradient);
    }

    /**
     * Returns the value that the pass uses, of the base's shape.
     *
     * @param base the base's value, cut off from autograd unless somebody trains it
     * @param values answers with this overlay's own parameters, as handles in the pass's scope:
     *     begin each computation with one of them, so that its results are freed with the pass
     */
    NDArray value(NDArray base, PassValues values);
}
