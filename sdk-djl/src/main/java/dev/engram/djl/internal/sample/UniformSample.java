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
    private List<Rows> chunks = new ArrayList<>();
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
        int[] slotOfRow = draw(size);
        int[] kept = keptRows(slotOfRow);
        if (kept.length == 0) {
            return;
        }
        Rows rows = Rows.gather(manager, data, labels, kept, size);
        chunks.add(rows);
        for (int i = 0; i < kept.length; i++) {
            place(slotOfRow[kept[i]], new Slot(rows, i));
        }
        compactWhenWasteful();
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
        compact();
        List<BatchCursor.Cut> cuts = new ArrayList<>();
        for (Rows rows : chunks) {
            for (int from = 0; from < rows.size(); from += size) {
                cuts.add(new BatchCursor.Cut(rows, from, Math.min(rows.size(), from + size)));
            }
        }
        return () -> new BatchCursor(cuts.iterator(), owner, device);
    }

    @Override
    public void close() {
        slots.clear();
        chunks.clear();
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

    /** Returns for each row of a batch the slot that it takes, or -1. */
    private int[] draw(int size) {
        int[] slotOfRow = new int[size];
        for (int row = 0; row < size; row++, seen++) {
            long slot = seen < capacity ? seen : random.nextLong(seen + 1);
            slotOfRow[row] = slot < capacity ? (int) slot : -1;
        }
        return slotOfRow;
    }

    /** Returns the rows that stay, in the order of their slots, so that new slots come in order. */
    private static int[] keptRows(int[] slotOfRow) {
        SortedMap<Integer, Integer> lastRowOfSlot = new TreeMap<>();
        for (int row = 0; row < slotOfRow.length; row++) {
            if (slotOfRow[row] >= 0) {
                lastRowOfSlot.put(slotOfRow[row], row);
            }
        }
        return lastRowOfSlot.values().stream().mapToInt(Integer::intValue).toArray();
    }

    private void place(int index, Slot slot) {
        if (index == slots.size()) {
            slots.add(slot);
        } else {
            slots.set(index, slot);
        }
    }

    private void compactWhenWasteful() {
        long held = chunks.stream().mapToLong(Rows::size).sum();
        if (held > 2L * capacity) {
            compact();
        }
    }

    /** Drops rows that lost their slot and joins chunks of equal shapes. */
    private void compact() {
        Map<String, Map<Rows, List<Integer>>> slotsByShape = new LinkedHashMap<>();
        for (int i = 0; i < slots.size(); i++) {
            Rows rows = slots.get(i).rows();
            slotsByShape
                    .computeIfAbsent(rows.shapes(), k -> new LinkedHashMap<>())
                    .computeIfAbsent(rows, k -> new ArrayList<>())
                    .add(i);
        }
        List<Rows> old = chunks;
        chunks = new ArrayList<>();
        slotsByShape.values().forEach(this::join);
        old.forEach(Rows::close);
    }

    private void join(Map<Rows, List<Integer>> slotsOfChunk) {
        List<Rows> parts = new ArrayList<>();
        List<Integer> indices = new ArrayList<>();
        slotsOfChunk.forEach(
                (rows, taken) -> {
                    int[] kept = taken.stream().mapToInt(i -> slots.get(i).row()).toArray();
                    parts.add(rows.gather(manager, kept));
                    indices.addAll(taken);
                });
        adopt(Rows.join(manager, parts), indices);
    }

    private void adopt(Rows joined, List<Integer> indices) {
        chunks.add(joined);
        for (int row = 0; row < indices.size(); row++) {
            slots.set(indices.get(row), new Slot(joined, row));
        }
    }

    /** Where a kept sample lies. */
    private record Slot(Rows rows, int row) {}
}
