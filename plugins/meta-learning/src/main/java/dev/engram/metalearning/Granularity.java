package dev.engram.metalearning;

import ai.djl.ndarray.types.Shape;
import dev.engram.api.Stable;
import java.util.Arrays;

/** What has a step size of its own. */
@Stable(since = "0.1", implementedBy = "nobody")
public enum Granularity {
    /** Each element of each parameter. */
    ELEMENT,
    /**
     * Each row of each parameter, which is mostly what feeds one unit; of a vector each element.
     */
    ROW;

    /** Returns the shape of a parameter's step sizes, which multiply it as they are. */
    Shape of(Shape parameter) {
        if (this == ELEMENT || parameter.dimension() < 2) {
            return parameter;
        }
        long[] sizes = new long[parameter.dimension()];
        Arrays.fill(sizes, 1);
        sizes[0] = parameter.get(0);
        return new Shape(sizes);
    }
}
