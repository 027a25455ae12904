package dev.engram.kit.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.Stable;

/**
 * Sets arrays to zero in place: what {@code array.subi(array)} does not do where they hold NaN or
 * infinity.
 *
 * <p>DJL's {@code set(index, number)} leaves an array of the number with the manager of what it
 * writes into, such as a model's own; here nothing is left.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class Cleared {

    private static final NDIndex ALL = new NDIndex("...");

    private Cleared() {}

    /** Sets an array, such as a gradient, to zero in place, whatever it held. */
    public static void zero(NDArray array) {
        if (array.getShape().dimension() > 0) {
            zero(array, ALL);
            return;
        }
        try (NDArray view = array.reshape(1)) {
            zero(view, ALL);
        }
    }

    /** Sets some elements of an array to zero in place, whatever they held. */
    public static void zero(NDArray array, NDIndex which) {
        // Made by the engine: a number from Java takes a direct buffer of the JVM a call.
        try (NDArray zero = array.getManager().zeros(new Shape())) {
            array.set(which, zero);
        }
    }
}
