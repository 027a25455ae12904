package dev.engram.djl.internal.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.BitSet;

/** Rows of samples of one shape, written in place, so that the number of arrays stays as it is. */
final class RowPool {

    private static final int FIRST_ROWS = 64;

    private final NDManager manager;
    private final int inputs;
    private final BitSet used = new BitSet();
    private final NDList buffers = new NDList();
    private int rows;

    /**
     * Creates an empty pool.
     *
     * @param like arrays whose rows will be kept: inputs first, then labels
     */
    RowPool(NDManager manager, NDList like, int inputs) {
        this.manager = manager;
        this.inputs = inputs;
        this.rows = FIRST_ROWS;
        like.forEach(array -> buffers.add(empty(array, FIRST_ROWS)));
    }

    /** Tells the shape, type and device of the rows of some arrays; equal ones share a pool. */
    static String signature(NDList arrays) {
        StringBuilder signature = new StringBuilder();
        arrays.forEach(
                array ->
                        signature
                                .append(array.getShape().slice(1))
                                .append(array.getDataType())
                                .append(array.getDevice()));
        return signature.toString();
    }

    /** Copies rows of a batch into free rows here and returns which these are. */
    int[] write(NDList batch, int[] from) {
        int[] to = new int[from.length];
        for (int i = 0; i < to.length; i++) {
            to[i] = used.nextClearBit(0);
            used.set(to[i]);
        }
        while (used.length() > rows) {
            grow();
        }
        try (NDArray source = index(batch.head().getManager(), from);
                NDArray target = index(buffers.head().getManager(), to)) {
            NDIndex read = new NDIndex("{}", source);
            NDIndex write = new NDIndex("{}", target);
            for (int i = 0; i < buffers.size(); i++) {
                try (NDArray picked = batch.get(i).get(read)) {
                    buffers.get(i).set(write, picked);
                }
            }
        }
        return to;
    }

    /** Gives a row back. */
    void release(int row) {
        used.clear(row);
    }

    /** Returns the rows in use, ascending. */
    int[] usedRows() {
        return used.stream().toArray();
    }

    /** Returns copies of some rows of the inputs. */
    NDList inputs(int[] wanted) {
        return picked(0, inputs, wanted);
    }

    /** Returns copies of some rows of the labels. */
    NDList labels(int[] wanted) {
        return picked(inputs, buffers.size(), wanted);
    }

    private NDList picked(int begin, int end, int[] wanted) {
        NDList result = new NDList();
        for (int i = begin; i < end; i++) {
            NDArray rowsOfOne = pick(buffers.get(i), wanted);
            rowsOfOne.setName(buffers.get(i).getName());
            result.add(rowsOfOne);
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

    private static NDArray pick(NDArray array, int[] wanted) {
        try (NDArray index = index(array.getManager(), wanted)) {
            return array.get(index);
        }
    }

    private static NDArray index(NDManager manager, int[] rows) {
        long[] wide = new long[rows.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = rows[i];
        }
        return manager.create(wide);
    }
}
