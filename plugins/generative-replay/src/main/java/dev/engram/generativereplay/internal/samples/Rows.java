package dev.engram.generativereplay.internal.samples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.stream.IntStream;

/** Some rows of an array. */
public final class Rows {

    private Rows() {}

    /** Returns copies of some rows; the manager owns them. */
    public static NDArray of(NDArray array, int[] which, NDManager owner) {
        long[] wide = IntStream.of(which).asLongStream().toArray();
        try (NDArray index = array.getManager().create(wide)) {
            NDArray rows = array.get(index);
            rows.attach(owner);
            return rows;
        }
    }
}
