package dev.engram.kit.shape;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.Stable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A parameter that has become larger: what it was stands at its begin, in every dimension. */
@Stable(since = "0.1", implementedBy = "nobody")
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
        grown.set(corner(earlier.getShape()), earlier);
        return grown;
    }

    /** Returns what stands where a parameter was when it had an earlier shape: a view. */
    public static NDArray begin(NDArray grown, Shape earlier) {
        return grown.get(corner(earlier));
    }

    private static NDIndex corner(Shape earlier) {
        return new NDIndex(
                IntStream.range(0, earlier.dimension())
                        .mapToObj(d -> "0:" + earlier.get(d))
                        .collect(Collectors.joining(",")));
    }
}
