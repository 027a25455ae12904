package dev.engram.kit.shape;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.Experimental;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A parameter that has become larger: what it was stands at its begin, in every dimension. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Growth {

    private Growth() {}

    /** Returns whether a shape has grown: larger in a dimension, smaller in none. */
    public static boolean of(Shape earlier, Shape now) {
        return earlier.dimension() == now.dimension()
                && !earlier.equals(now)
                && IntStream.range(0, now.dimension()).allMatch(d -> earlier.get(d) <= now.get(d));
    }

    /** Returns whether a shape has more rows, and is else the same. */
    static boolean ofRows(Shape earlier, Shape now) {
        return of(earlier, now) && earlier.slice(1).equals(now.slice(1));
    }

    /**
     * Returns the values of an earlier shape among those of a later one.
     *
     * @param earlier stands at the begin
     * @param others what stands everywhere else, on the same device
     */
    public static NDArray among(NDArray earlier, NDArray others) {
        NDArray grown = others.duplicate();
        String corner =
                IntStream.range(0, earlier.getShape().dimension())
                        .mapToObj(d -> "0:" + earlier.getShape().get(d))
                        .collect(Collectors.joining(","));
        grown.set(new NDIndex(corner), earlier);
        return grown;
    }
}
