package dev.engram.djl.internal.sample;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.guard.SampleBatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A uniform sample of bounded size over a stream of batches (Vitter 1985, algorithm R).
 *
 * <p>After {@code n} samples each of them is kept with probability {@code min(1, capacity/n)}.
 * Which rows to keep is drawn on the host from a seed of its own; the rows are gathered on the
 * device of the batch in one operation an array, so nothing waits for the device.
 */
public final class UniformSample implements AutoCloseable {

    private final NDManager manager;
    private final int capacity;
    private final SplittableRandom random;
    private final List<Slot> slots = new ArrayList<>();
    private final Map<String, RowPool> pools = new LinkedHashMap<>();
    private long seen;

    /** Creates an empty sample whose arrays live in a sub-manager of {@code owner}. */
    public UniformSample(NDManager owner, int capacity, long seed) {
        this.manager = owner.newSubManager();
        this.manager.setName("engram sample");
        this.capacity = capacity;
        this.random = new SplittableRandom(seed);
    }

    /** Sees a batch, whose arrays all count their samples in the first dimension. */
    public void observe(NDList data, NDList labels) {
        int size = sharedSize(data, labels);
        SortedMap<Integer, Integer> rowOfSlot = draw(size);
        if (rowOfSlot.isEmpty()) {
            return;
        }
        NDList batch = new NDList(data);
        batch.addAll(labels);
        RowPool pool =
                pools.computeIfAbsent(
                        RowPool.signature(batch), k -> new RowPool(manager, batch, data.size()));
        rowOfSlot.keySet().forEach(this::release);
        int[] from = rowOfSlot.values().stream().mapToInt(Integer::intValue).toArray();
        int[] to = pool.write(batch, from);
        int next = 0;
        for (int slot : rowOfSlot.keySet()) {
            place(slot, new Slot(pool, to[next++]));
        }
    }

    /** Returns how many samples are kept. */
    public int size() {
        return slots.size();
    }

    /**
     * Returns the kept samples in batches on a device; each batch closes when the next is taken.
     *
     * @param owner owns the batches' managers
     */
    public Iterable<SampleBatch> batches(int size, NDManager owner, Device device) {
        List<BatchCursor.Cut> cuts = new ArrayList<>();
        for (RowPool pool : pools.values()) {
            int[] rows = pool.usedRows();
            for (int from = 0; from < rows.length; from += size) {
                int to = Math.min(rows.length, from + size);
                cuts.add(new BatchCursor.Cut(pool, rows, from, to));
            }
        }
        return () -> new BatchCursor(cuts.iterator(), owner, device);
    }

    @Override
    public void close() {
        slots.clear();
        pools.clear();
        manager.close();
    }

    private static int sharedSize(NDList data, NDList labels) {
        long size = data.head().getShape().get(0);
        for (NDList list : List.of(data, labels)) {
            for (NDArray array : list) {
                if (array.getShape().dimension() == 0 || array.getShape().get(0) != size) {
                    throw new EngramException(
                            "Cannot tell the samples of a batch apart: the first input has "
                                    + size
                                    + " of them, but an array has shape "
                                    + array.getShape()
                                    + ". Give every input and label the batch as first dimension.");
                }
            }
        }
        return Math.toIntExact(size);
    }

    /** Returns which rows of a batch stay, by their slot; new slots follow the old ones. */
    private SortedMap<Integer, Integer> draw(int size) {
        SortedMap<Integer, Integer> rowOfSlot = new TreeMap<>();
        for (int row = 0; row < size; row++, seen++) {
            long slot = seen < capacity ? seen : random.nextLong(seen + 1);
            if (slot < capacity) {
                rowOfSlot.put((int) slot, row);
            }
        }
        return rowOfSlot;
    }

    private void release(int index) {
        if (index < slots.size()) {
            slots.get(index).pool().release(slots.get(index).row());
        }
    }

    private void place(int index, Slot slot) {
        if (index == slots.size()) {
            slots.add(slot);
        } else {
            slots.set(index, slot);
        }
    }

    /** Where a kept sample lies. */
    private record Slot(RowPool pool, int row) {}
}
