package dev.engram.kit.overlay;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import dev.engram.api.Stable;

/**
 * Handles on arrays of others, cut off from autograd, in a manager of one's own.
 *
 * <p>What is computed from a handle belongs to that manager; computed from the array itself it
 * would belong to, and live as long as, the model.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class Detached {

    private Detached() {}

    /** Returns a handle on an array; it shares its memory. */
    public static NDArray in(NDManager scope, NDArray array) {
        NDArray handle = array.stopGradient();
        handle.attach(scope);
        handle.setName(array.getName());
        return handle;
    }

    /** Returns a handle on a parameter's array. */
    public static NDArray in(NDManager scope, Parameter parameter) {
        return in(scope, parameter.getArray());
    }

    /** Returns handles on arrays, in their order. */
    public static NDList in(NDManager scope, NDList arrays) {
        NDList handles = new NDList();
        arrays.forEach(array -> handles.add(in(scope, array)));
        return handles;
    }
}
