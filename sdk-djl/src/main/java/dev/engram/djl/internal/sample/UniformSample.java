package dev.engram.djl.internal.sample;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.common.collect.Lists;
import dev.engram.api.EngramException;
import dev.engram.api.guard.SampleBatch;
import dev.engram.kit.rows.RowPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    private static final int READ_AT_ONCE = 256;

    private final NDManager manager;
    private final boolean keepsInputs;
    private int capacity;
    private final SplittableRandom random;
    private final List<Slot> slots = new ArrayList<>();
    private final Map<String, Pool> pools = new LinkedHashMap<>();
    private long seen;

    /** Creates an empty sample whose arrays live in a sub-manager of {@code owner}. */
    public UniformSample(NDManager owner, int capacity, long seed) {
        this(owner, capacity, seed, true);
    }

    /**
     * Creates an empty sample of labels alone, for those who ask for the classes of a stream; the
     * inputs of data without labels are kept nevertheless.
     */
    public static UniformSample ofLabels(NDManager owner, int capacity, long seed) {
        return new UniformSample(owner, capacity, seed, false);
    }

    private UniformSample(NDManager owner, int capacity, long seed, boolean keepsInputs) {
        this.manager = owner.newSubManager();
        this.manager.setName("engram sample");
        this.keepsInputs = keepsInputs;
        this.capacity = capacity;
        this.random = new SplittableRandom(seed);
    }

    /**
     * Sees a batch, whose arrays all count their samples in the first dimension.
     *
     * @param subjects whom each sample is about, or empty
     */
    public void observe(NDList data, NDList labels, List<String> subjects) {
        int size = sharedSize(data, labels);
        requireOneEach(subjects, size);
        SortedMap<Integer, Integer> rowOfSlot = draw(size);
        if (rowOfSlot.isEmpty()) {
            return;
        }
        NDList inputs = keepsInputs || labels.isEmpty() ? data : new NDList();
        NDList batch = new NDList(inputs);
        batch.addAll(labels);
        Pool pool =
                pools.computeIfAbsent(
                        RowPool.signature(batch),
                        k -> new Pool(new RowPool(manager, batch), inputs.size()));
        rowOfSlot.keySet().forEach(this::release);
        int[] from = rowOfSlot.values().stream().mapToInt(Integer::intValue).toArray();
        int[] to = pool.rows().write(batch, from);
        int next = 0;
        for (int slot : rowOfSlot.keySet()) {
            String subject = subjects.isEmpty() ? "" : subjects.get(from[next]);
            place(slot, new Slot(pool, to[next++], subject));
        }
    }

    /**
     * Removes the samples of a subject and returns how many they were.
     *
     * <p>What remains is a uniform sample of the rest of the stream, and stays one: the stream
     * counts as shorter by the share that was removed, and the capacity, once full, is what
     * remains.
     */
    public int erase(String subject) {
        List<Slot> found = slots.stream().filter(slot -> slot.subject().equals(subject)).toList();
        if (found.isEmpty()) {
            return 0;
        }
        boolean wasFull = seen > slots.size();
        double left = 1 - (double) found.size() / slots.size();
        found.forEach(slot -> slot.pool().rows().release(slot.row()));
        slots.removeAll(found);
        seen = wasFull ? Math.max(slots.size(), Math.round(seen * left)) : slots.size();
        if (wasFull && !slots.isEmpty()) {
            capacity = slots.size();
        }
        pools.values().forEach(pool -> pool.rows().wipe());
        return found.size();
    }

    /**
     * Removes the samples that hold a number that is not finite, and returns how many they were;
     * none if all do, as those of a model that takes infinite masks. Waits for the device.
     */
    public int dropNotFinite() {
        List<Slot> wild = new ArrayList<>();
        for (Pool pool : pools.values()) {
            List<Slot> rows = slots.stream().filter(slot -> slot.pool().equals(pool)).toList();
            for (List<Slot> part : Lists.partition(rows, READ_AT_ONCE)) {
                boolean[] finite = finite(pool, part);
                for (int i = 0; i < part.size(); i++) {
                    if (!finite[i]) {
                        wild.add(part.get(i));
                    }
                }
            }
        }
        if (wild.size() == slots.size()) {
            return 0;
        }
        wild.forEach(slot -> slot.pool().rows().release(slot.row()));
        slots.removeAll(wild);
        return wild.size();
    }

    private static boolean[] finite(Pool pool, List<Slot> part) {
        boolean[] finite = new boolean[part.size()];
        Arrays.fill(finite, true);
        try (NDList arrays = pool.rows().read(part.stream().mapToInt(Slot::row).toArray())) {
            for (NDArray array : arrays) {
                if (array.getDataType().isFloating()) {
                    try (NDArray wide = array.toType(DataType.FLOAT64, true);
                            NDArray flat = wide.reshape(part.size(), -1);
                            NDArray sums = flat.sum(new int[] {1})) {
                        double[] found = sums.toDoubleArray();
                        for (int i = 0; i < found.length; i++) {
                            finite[i] &= Double.isFinite(found[i]);
                        }
                    }
                }
            }
        }
        return finite;
    }

    /** Returns whether inputs are kept with the labels. */
    public boolean keepsInputs() {
        return keepsInputs;
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
        List<BatchCursor.PooledBatch> cuts = new ArrayList<>();
        for (Pool pool : pools.values()) {
            List<Slot> rows =
                    slots.stream()
                            .filter(slot -> slot.pool().equals(pool))
                            .sorted(Comparator.comparingInt(Slot::row))
                            .toList();
            Lists.partition(rows, size).forEach(part -> cuts.add(cut(pool, part)));
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
            slots.get(index).pool().rows().release(slots.get(index).row());
        }
    }

    private void place(int index, Slot slot) {
        if (index == slots.size()) {
            slots.add(slot);
        } else {
            slots.set(index, slot);
        }
    }

    private static BatchCursor.PooledBatch cut(Pool pool, List<Slot> slots) {
        int[] rows = slots.stream().mapToInt(Slot::row).toArray();
        List<String> subjects = slots.stream().map(Slot::subject).toList();
        boolean known = subjects.stream().anyMatch(subject -> !subject.isEmpty());
        return new BatchCursor.PooledBatch(
                pool.rows(), pool.inputs(), rows, known ? subjects : List.of());
    }

    private static void requireOneEach(List<String> subjects, int size) {
        if (subjects.stream().anyMatch(Objects::isNull)) {
            throw new EngramException(
                    "optSubjects named a sample null: give every sample of a batch a name, or"
                            + " return an empty list");
        }
        if (!subjects.isEmpty() && subjects.size() != size) {
            throw new EngramException(
                    "optSubjects named %d subjects for a batch of %d samples: name one a sample, or none"
                            .formatted(subjects.size(), size));
        }
    }

    /** Rows of one shape, the first {@code inputs} arrays of which are the model's inputs. */
    private record Pool(RowPool rows, int inputs) {}

    /** Where a kept sample lies, and whom it is about, empty if that is not known. */
    private record Slot(Pool pool, int row, String subject) {}
}
