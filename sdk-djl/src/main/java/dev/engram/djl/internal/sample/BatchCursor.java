package dev.engram.djl.internal.sample;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.SampleBatch;
import dev.engram.kit.rows.RowPool;
import java.util.Iterator;
import java.util.List;

/** Brings one batch at a time to a device and closes the one before. */
final class BatchCursor implements Iterator<SampleBatch> {

    private final Iterator<PooledBatch> cuts;
    private final NDManager owner;
    private final Device device;
    private NDManager current;

    BatchCursor(Iterator<PooledBatch> cuts, NDManager owner, Device device) {
        this.cuts = cuts;
        this.owner = owner;
        this.device = device;
        this.current = owner.newSubManager();
    }

    @Override
    public boolean hasNext() {
        boolean more = cuts.hasNext();
        if (!more) {
            current.close();
        }
        return more;
    }

    @Override
    public SampleBatch next() {
        current.close();
        current = owner.newSubManager();
        return cuts.next().bring(current, device);
    }

    /** Rows of one pool that make a batch. */
    static final class PooledBatch {

        private final RowPool pool;
        private final int inputs;
        private final int[] rows;
        private final List<String> subjects;

        /**
         * Creates the cut.
         *
         * @param inputs how many of the pool's arrays are inputs; the others are labels
         * @param subjects whom each row is about, or empty
         */
        PooledBatch(RowPool pool, int inputs, int[] rows, List<String> subjects) {
            this.pool = pool;
            this.inputs = inputs;
            this.rows = rows.clone();
            this.subjects = subjects;
        }

        SampleBatch bring(NDManager manager, Device device) {
            NDList arrays = move(pool.read(rows), manager, device);
            return new ReadBatch(
                    new NDList(arrays.subList(0, inputs)),
                    new NDList(arrays.subList(inputs, arrays.size())),
                    subjects,
                    rows.length,
                    manager);
        }

        private static NDList move(NDList arrays, NDManager manager, Device device) {
            NDList moved = new NDList();
            for (NDArray array : arrays) {
                NDArray there = array.toDevice(device, false);
                there.setName(array.getName());
                there.attach(manager);
                if (there != array) {
                    array.close();
                }
                moved.add(there);
            }
            return moved;
        }
    }

    private record ReadBatch(
            NDList data, NDList labels, List<String> subjects, int size, NDManager manager)
            implements SampleBatch {}
}
