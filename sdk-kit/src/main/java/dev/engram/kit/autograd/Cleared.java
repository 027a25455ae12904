package dev.engram.kit.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.engram.api.Experimental;

/**
 * Sets arrays to zero in place: what {@code array.subi(array)} does not do where they hold NaN or
 * infinity.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Cleared {

    private Cleared() {}

    /** Sets an array, such as a gradient, to zero in place, whatever it held. */
    public static void zero(NDArray array) {
        if (array.getShape().dimension() > 0) {
            array.set(new NDIndex("..."), 0f);
            return;
        }
        try (NDArray view = array.reshape(1)) {
            view.set(new NDIndex("..."), 0f);
        }
    }
}
