package dev.engram.djl.internal.sample;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.SampleBatch;
import java.util.Arrays;
import java.util.Iterator;

/** Brings one batch at a time to a device and closes the one before. */
final class BatchCursor implements Iterator<SampleBatch> {

    private final Iterator<Cut> cuts;
    private final NDManager owner;
    private final Device device;
    private NDManager current;

    BatchCursor(Iterator<Cut> cuts, NDManager owner, Device device) {
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
    static final class Cut {

        private final RowPool pool;
        private final int[] rows;

        Cut(RowPool pool, int[] all, int from, int to) {
            this.pool = pool;
            this.rows = Arrays.copyOfRange(all, from, to);
        }

        SampleBatch bring(NDManager manager, Device device) {
            return new Brought(
                    move(pool.inputs(rows), manager, device),
                    move(pool.labels(rows), manager, device),
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

    private record Brought(NDList data, NDList labels, int size, NDManager manager)
            implements SampleBatch {}
}
