package dev.engram.djl.internal.sample;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.SampleBatch;
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

    /** Some neighbouring rows. */
    record Cut(Rows rows, int from, int to) {

        SampleBatch bring(NDManager manager, Device device) {
            NDList data = new NDList();
            NDList labels = new NDList();
            for (int i = 0; i < rows.arrays().size(); i++) {
                (i < rows.inputs() ? data : labels)
                        .add(bring(rows.arrays().get(i), manager, device));
            }
            return new Brought(data, labels, to - from, manager);
        }

        private NDArray bring(NDArray array, NDManager manager, Device device) {
            try (NDArray cut = array.get(from + ":" + to)) {
                NDArray there = cut.toDevice(device, true);
                there.setName(array.getName());
                there.attach(manager);
                return there;
            }
        }
    }

    private record Brought(NDList data, NDList labels, int size, NDManager manager)
            implements SampleBatch {}
}
