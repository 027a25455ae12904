package dev.engram.replay.internal.ledger;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The kept samples by task, for drawing, and by age. */
public final class KeptSamples {

    private static final int SLACK = 64;
    private static final Comparator<Entry> OLDEST_FIRST =
            Comparator.comparingLong((Entry entry) -> entry.key.born())
                    .thenComparingLong(entry -> entry.key.id());

    private final Map<String, List<Entry>> byTask = new TreeMap<>();

    /** Not in the order in which they came: what another process stored is heard of later. */
    private final PriorityQueue<Entry> byAge = new PriorityQueue<>(OLDEST_FIRST);

    private final Map<Long, Entry> byTag = new HashMap<>();
    private String tagged = "";
    private int count;

    /**
     * Returns the sample of a task with a tag, if there is one; fast for one task after the other.
     */
    public @Nullable Entry find(String task, long tag) {
        if (!tagged.equals(task)) {
            byTag.clear();
            tagged = task;
            byTask.getOrDefault(task, List.of()).forEach(e -> byTag.put(e.key.tag(), e));
        }
        return byTag.get(tag);
    }

    void add(Entry entry) {
        if (tagged.equals(entry.key.task())) {
            byTag.put(entry.key.tag(), entry);
        }
        List<Entry> task = byTask.computeIfAbsent(entry.key.task(), name -> new ArrayList<>());
        entry.place = task.size();
        task.add(entry);
        byAge.add(entry);
        count++;
    }

    /** Puts a sample in the place of its earlier self, so that what is drawn does not change. */
    void replace(Entry old, Entry fresh) {
        List<Entry> task = byTask.getOrDefault(fresh.key.task(), List.of());
        fresh.place = old.place;
        task.set(fresh.place, fresh);
        byAge.add(fresh);
        if (tagged.equals(fresh.key.task())) {
            byTag.put(fresh.key.tag(), fresh);
        }
    }

    void remove(Entry entry) {
        List<Entry> task = byTask.getOrDefault(entry.key.task(), List.of());
        byTag.remove(entry.key.tag(), entry);
        Entry last = task.remove(task.size() - 1);
        if (last != entry) {
            task.set(entry.place, last);
            last.place = entry.place;
        }
        count--;
        if (byAge.size() > 2 * count + SLACK) {
            byAge.removeIf(old -> old.gone);
        }
    }

    /** Returns all entries, in order of tasks. */
    public List<Entry> all() {
        return byTask.values().stream().flatMap(List::stream).toList();
    }

    /** Returns the names of the tasks of which samples are kept. */
    public Set<String> tasks() {
        Set<String> tasks = new TreeSet<>();
        byTask.forEach(
                (name, entries) -> {
                    if (!entries.isEmpty()) {
                        tasks.add(name);
                    }
                });
        return tasks;
    }

    /** Returns how many samples there are of tasks other than one. */
    public long countWithout(String task) {
        long all = 0;
        for (Map.Entry<String, List<Entry>> entry : byTask.entrySet()) {
            all += entry.getKey().equals(task) ? 0 : entry.getValue().size();
        }
        return all;
    }

    /** Returns the entries that were born before a time, and forgets their age. */
    public List<Entry> bornBefore(long time) {
        List<Entry> old = new ArrayList<>();
        while (!byAge.isEmpty() && (byAge.peek().gone || byAge.peek().key.born() < time)) {
            Entry first = byAge.remove();
            if (!first.gone) {
                old.add(first);
            }
        }
        return old;
    }

    /** Draws distinct entries of tasks other than one, each set of them as likely as any other. */
    public List<Entry> draw(String without, int size, Tags random) {
        List<List<Entry>> tasks = new ArrayList<>();
        byTask.forEach(
                (name, entries) -> {
                    if (!name.equals(without)) {
                        tasks.add(entries);
                    }
                });
        int all = Math.toIntExact(countWithout(without));
        // Floyd's algorithm: as many random numbers as samples, however large the buffer.
        Set<Integer> places = new HashSet<>();
        for (int i = Math.max(0, all - size); i < all; i++) {
            int drawn = random.nextInt(i + 1);
            places.add(places.contains(drawn) ? i : drawn);
        }
        return places.stream().sorted().map(place -> at(tasks, place)).toList();
    }

    private static Entry at(List<List<Entry>> tasks, int place) {
        int rest = place;
        for (List<Entry> task : tasks) {
            if (rest < task.size()) {
                return task.get(rest);
            }
            rest -= task.size();
        }
        throw new IndexOutOfBoundsException(place);
    }
}
