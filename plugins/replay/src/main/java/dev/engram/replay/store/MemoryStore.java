package dev.engram.replay.store;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.kit.rows.RowPool;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps samples in arrays on a device, off the Java heap, for as long as the process lives.
 *
 * <p>Reading is one gather an array and waits for nothing.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class MemoryStore implements SampleStore {

    private final NDManager manager;
    private final Map<Layout, RowPool> pools = new HashMap<>();
    private final TreeMap<Long, Row> rows = new TreeMap<>();
    private @Nullable String state;
    private long next = 1;

    /**
     * Creates an empty store.
     *
     * @param manager says on which device samples lie; the store owns a manager below it
     */
    public MemoryStore(NDManager manager) {
        this.manager = manager.newSubManager();
    }

    @Override
    public boolean isDurable() {
        return false;
    }

    @Override
    public long nextId() {
        return next++;
    }

    @Override
    public void forEach(Consumer<SampleKey> visitor) {
        rows.values().forEach(row -> visitor.accept(row.key));
    }

    @Override
    public Optional<String> state() {
        return Optional.ofNullable(state);
    }

    @Override
    public void apply(Change change) {
        Changes.check(change, rows::containsKey);
        change.removed().forEach(this::remove);
        if (!change.added().isEmpty()) {
            add(change);
        }
        state = change.state();
    }

    private void remove(long id) {
        Row row = rows.remove(id);
        if (row != null) {
            row.pool.release(row.index);
        }
    }

    private void add(Change change) {
        int count = change.added().size();
        Layout layout = change.added().get(0).layout();
        try (NDManager scope = manager.newSubManager()) {
            NDList here = here(change.arrays(), scope);
            RowPool pool = pools.computeIfAbsent(layout, key -> new RowPool(manager, here));
            int[] written = pool.write(here, IntStream.range(0, count).toArray());
            for (int i = 0; i < count; i++) {
                SampleKey key = change.added().get(i);
                rows.put(key.id(), new Row(key, pool, written[i]));
            }
        }
    }

    /** Returns the arrays on this store's device; where they are there already, as they are. */
    private NDList here(NDList arrays, NDManager scope) {
        NDList here = new NDList();
        for (NDArray array : arrays) {
            NDArray moved = array.toDevice(manager.getDevice(), false);
            if (moved != array) {
                moved.attach(scope);
                moved.setName(array.getName());
            }
            here.add(moved);
        }
        return here;
    }

    @Override
    public NDList read(long[] ids, NDManager target) {
        Row first = row(ids[0]);
        int[] wanted = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            Row row = row(ids[i]);
            Changes.requireSame(first.key.layout(), row.key.layout(), ids[i]);
            wanted[i] = row.index;
        }
        NDList found = first.pool.read(wanted);
        NDList result = new NDList();
        for (NDArray array : found) {
            NDArray moved = array.toDevice(target.getDevice(), false);
            moved.attach(target);
            moved.setName(array.getName());
            if (moved != array) {
                array.close();
            }
            result.add(moved);
        }
        return result;
    }

    private Row row(long id) {
        Row row = rows.get(id);
        if (row == null) {
            throw new EngramException("The memory store has no sample " + id);
        }
        return row;
    }

    @Override
    public void purge() {
        pools.values().forEach(RowPool::wipe);
    }

    @Override
    public String toString() {
        return "the memory directory";
    }

    @Override
    public void close() {
        rows.clear();
        pools.clear();
        manager.close();
    }

    private record Row(SampleKey key, RowPool pool, int index) {}
}
