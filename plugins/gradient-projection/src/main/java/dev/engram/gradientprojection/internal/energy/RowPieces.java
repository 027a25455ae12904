package dev.engram.gradientprojection.internal.energy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.function.BiConsumer;

/**
 * Rows in pieces: what is made of a piece goes with it, as copies of the rows of many long
 * sequences would take gigabytes.
 */
public final class RowPieces {

    private static final long MOST_NUMBERS = 1L << 22;

    private RowPieces() {}

    /** Shows rows, each piece with a manager that is closed after it. */
    public static void each(NDArray rows, BiConsumer<NDArray, NDManager> seen) {
        long count = rows.getShape().get(0);
        long most = Math.max(1, MOST_NUMBERS / rows.getShape().get(1));
        for (long from = 0; from < count; from += most) {
            try (NDManager work = rows.getManager().newSubManager()) {
                NDArray piece = rows.get(new NDIndex("{}:{}", from, Math.min(count, from + most)));
                piece.attach(work);
                seen.accept(piece, work);
            }
        }
    }
}
