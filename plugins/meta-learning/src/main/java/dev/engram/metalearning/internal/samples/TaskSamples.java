package dev.engram.metalearning.internal.samples;

import ai.djl.ndarray.NDManager;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps uniform samples of tasks, as many of each (Vitter 1985, algorithm R), on the device.
 *
 * <p>Samples of the task that trains fill the share that will be its own; earlier tasks give it up
 * when it was learnt, so that one that is broken off takes nothing from them.
 */
public final class TaskSamples implements ReplaySource {

    private final int capacity;
    private final long seed;
    private final KeptRows rows = new KeptRows();
    private final Map<String, List<KeptRow>> byTask = new LinkedHashMap<>();
    private @Nullable String current;
    private boolean repeats;
    private long seen;
    private long draws;

    /** Creates one that holds nothing. */
    public TaskSamples(int capacity, long seed) {
        if (capacity < 1) {
            throw new InvalidOptionException("samples = " + capacity + ": give 1 or more");
        }
        this.capacity = capacity;
        this.seed = seed;
    }

    @Override
    public void observe(ObservedBatch batch) {
        String task = batch.task().name();
        if (!task.equals(current)) {
            current = task;
            repeats = false;
            seen = 0;
        }
        List<KeptRow> kept = byTask.computeIfAbsent(task, unknown -> new ArrayList<>());
        if (repeats) {
            return;
        }
        int size = Math.toIntExact(batch.data().head().getShape().get(0));
        SortedMap<Integer, Integer> chosen = choose(size, share(), task);
        if (!chosen.isEmpty()) {
            keep(batch, chosen, kept);
        }
    }

    private int share() {
        return Math.max(1, capacity / Math.max(1, byTask.size()));
    }

    /** Returns rows of a batch by the place that each takes. */
    private SortedMap<Integer, Integer> choose(int size, int share, String task) {
        SplittableRandom random = new SplittableRandom(seed * 31 + task.hashCode() + seen * 7919);
        SortedMap<Integer, Integer> chosen = new TreeMap<>();
        for (int row = 0; row < size; row++) {
            long place = seen < share ? seen : random.nextLong(seen + 1);
            seen++;
            if (place < share) {
                chosen.put((int) place, row);
            }
        }
        return chosen;
    }

    private void keep(ObservedBatch batch, SortedMap<Integer, Integer> chosen, List<KeptRow> kept) {
        chosen.keySet().stream()
                .filter(place -> place < kept.size())
                .map(kept::get)
                .forEach(rows::release);
        int[] from = chosen.values().stream().mapToInt(Integer::intValue).toArray();
        List<KeptRow> written = rows.write(batch, from);
        int next = 0;
        for (int place : chosen.keySet()) {
            if (place < kept.size()) {
                kept.set(place, written.get(next++));
            } else {
                kept.add(written.get(next++));
            }
        }
    }

    /** A later pass over the same samples would keep some of them twice. */
    @Override
    public void onEpoch() {
        repeats = seen > 0;
    }

    /** From now on each task has the same share. */
    @Override
    public void onTaskEnd(FinishedTask task) {
        current = null;
        int share = share();
        byTask.forEach(
                (name, kept) -> {
                    SplittableRandom random = new SplittableRandom(seed + name.hashCode());
                    while (kept.size() > share) {
                        int last = kept.size() - 1;
                        int gone = random.nextInt(kept.size());
                        rows.release(kept.set(gone, kept.get(last)));
                        kept.remove(last);
                    }
                });
    }

    @Override
    public Set<String> tasks() {
        return Set.copyOf(byTask.keySet());
    }

    @Override
    public long forget(Task task) {
        List<KeptRow> kept = byTask.remove(task.name());
        if (task.name().equals(current)) {
            current = null;
        }
        if (kept == null) {
            return 0;
        }
        kept.forEach(rows::release);
        return kept.size();
    }

    @Override
    public long available(Task unwanted) {
        return byTask.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(unwanted.name()))
                .mapToLong(entry -> entry.getValue().size())
                .sum();
    }

    @Override
    public List<ReplayedBatch> draw(Task unwanted, int size, NDManager manager) {
        List<KeptRow> all = new ArrayList<>();
        byTask.forEach(
                (task, kept) -> {
                    if (!task.equals(unwanted.name())) {
                        all.addAll(kept);
                    }
                });
        SplittableRandom random = new SplittableRandom(seed * 31 + draws++);
        int count = Math.min(size, all.size());
        for (int i = 0; i < count; i++) {
            int other = i + random.nextInt(all.size() - i);
            KeptRow chosen = all.set(other, all.get(i));
            all.set(i, chosen);
        }
        return rows.read(all.subList(0, count), manager);
    }

    @Override
    public long erase(String subject) {
        long gone = 0;
        for (List<KeptRow> kept : byTask.values()) {
            List<KeptRow> found =
                    kept.stream().filter(row -> row.subject().equals(subject)).toList();
            found.forEach(rows::release);
            kept.removeAll(found);
            gone += found.size();
        }
        if (gone > 0) {
            rows.wipe();
        }
        return gone;
    }

    @Override
    public void save(MemoryWriter memory) {
        memory.text("draws", String.valueOf(draws));
        List<KeptRow> all = new ArrayList<>();
        byTask.values().forEach(all::addAll);
        rows.save(all, memory);
    }

    @Override
    public void restore(MemoryReader memory) {
        draws = memory.text("draws").map(Long::valueOf).orElse(0L);
        for (KeptRow row : rows.restore(memory)) {
            byTask.computeIfAbsent(row.task(), unknown -> new ArrayList<>()).add(row);
        }
    }

    @Override
    public void close() {
        rows.close();
        byTask.clear();
    }
}
