package dev.engram.kit.rows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.Stable;
import dev.engram.kit.autograd.Cleared;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Rows of arrays of one shape, written in place, so that the number of arrays stays as it is.
 *
 * <p>A row is one sample: the same index in each array. The arrays double when they are full. Rows
 * are gathered and scattered on the device in one operation an array; nothing waits for it. Not
 * safe for concurrent use.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class RowPool {

    private static final int FIRST_ROWS = 64;

    private final NDManager manager;
    private final BitSet used = new BitSet();
    private final NDList buffers = new NDList();
    private int rows;

    /**
     * Creates an empty pool.
     *
     * @param manager owns the arrays, which lie where those of {@code like} do
     * @param like arrays whose rows will be kept
     */
    public RowPool(NDManager manager, NDList like) {
        this.manager = manager;
        this.rows = FIRST_ROWS;
        like.forEach(array -> buffers.add(empty(array, FIRST_ROWS)));
    }

    /** Tells the shape, type and device of the rows of some arrays; equal ones share a pool. */
    public static String signature(NDList arrays) {
        StringBuilder signature = new StringBuilder();
        arrays.forEach(
                array ->
                        signature
                                .append(array.getName())
                                .append(array.getShape().slice(1))
                                .append(array.getDataType())
                                .append(array.getDevice()));
        return signature.toString();
    }

    /**
     * Copies rows of a batch into free rows here.
     *
     * @param batch the arrays, in the order of those that the pool was created like
     * @param from which rows of them
     * @return the rows here that hold them, in the same order
     */
    public int[] write(NDList batch, int[] from) {
        int[] to = new int[from.length];
        int free = 0;
        for (int i = 0; i < to.length; i++) {
            free = used.nextClearBit(free);
            used.set(free);
            to[i] = free;
        }
        while (used.length() > rows) {
            grow();
        }
        try (NDArray target = index(buffers.head().getManager(), to)) {
            NDIndex write = new NDIndex("{}", target);
            if (isWhole(from, batch.head().size(0))) {
                for (int i = 0; i < buffers.size(); i++) {
                    buffers.get(i).set(write, batch.get(i));
                }
            } else {
                copy(batch, from, write);
            }
        }
        return to;
    }

    private void copy(NDList batch, int[] from, NDIndex write) {
        try (NDArray source = index(batch.head().getManager(), from)) {
            for (int i = 0; i < buffers.size(); i++) {
                try (NDArray picked = batch.get(i).get(source)) {
                    buffers.get(i).set(write, picked);
                }
            }
        }
    }

    /** Whoever gathered the rows already need not do it twice. */
    private static boolean isWhole(int[] from, long rows) {
        return from.length == rows && IntStream.range(0, from.length).allMatch(i -> from[i] == i);
    }

    /** Gives a row back; its values are overwritten when it is used again. */
    public void release(int row) {
        used.clear(row);
    }

    /** Overwrites all rows that are not in use with zeros. */
    public void wipe() {
        for (NDArray buffer : buffers) {
            for (int row = used.nextClearBit(0); row < rows; row = used.nextClearBit(row + 1)) {
                Cleared.zero(buffer, new NDIndex("{}", row));
            }
        }
    }

    /** Returns copies of some rows, all arrays in order, with their names. */
    public NDList read(int[] wanted) {
        NDList result = new NDList();
        try (NDArray index = index(buffers.head().getManager(), wanted)) {
            for (NDArray buffer : buffers) {
                NDArray picked = buffer.get(index);
                picked.setName(buffer.getName());
                result.add(picked);
            }
        }
        return result;
    }

    private void grow() {
        for (int i = 0; i < buffers.size(); i++) {
            NDArray old = buffers.get(i);
            try (NDArray more = empty(old, rows)) {
                NDArray joined = NDArrays.concat(new NDList(old, more));
                joined.attach(manager);
                joined.setName(old.getName());
                buffers.set(i, joined);
            }
            old.close();
        }
        rows *= 2;
    }

    private NDArray empty(NDArray like, int count) {
        Shape shape = new Shape(count).addAll(like.getShape().slice(1));
        NDArray zeros = manager.zeros(shape, like.getDataType(), like.getDevice());
        zeros.setName(like.getName());
        return zeros;
    }

    private static NDArray index(NDManager manager, int[] rows) {
        long[] wide = new long[rows.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = rows[i];
        }
        return manager.create(wide);
    }
}
