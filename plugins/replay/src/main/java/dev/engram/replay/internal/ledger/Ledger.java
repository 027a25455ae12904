package dev.engram.replay.internal.ledger;

import dev.engram.replay.selection.Budget;
import dev.engram.replay.selection.Selection;
import dev.engram.replay.store.SampleKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which samples are kept, decided on the host; knows keys, not arrays. */
public final class Ledger {

    private final Selection selection;
    private final SelectionRule rule;
    private final String storage;
    private final Budget budget;
    private Shares shares;
    private KeptSamples kept = new KeptSamples();
    private Tags tags;
    private long seed;
    private Edition edition = Edition.first();
    private boolean isCounting;
    private @Nullable Underway underway;

    /**
     * Creates an empty ledger.
     *
     * @param storage the form of the stored samples, which another process must share
     */
    public Ledger(Selection selection, String storage, Budget budget, long seed) {
        this.selection = selection;
        this.rule = SelectionRule.of(selection);
        this.storage = storage;
        this.budget = budget;
        this.shares = new Shares(budget, rule);
        this.tags = new Tags(seed);
        this.seed = seed;
    }

    public Tags tags() {
        return tags;
    }

    public KeptSamples kept() {
        return kept;
    }

    public Group group(String task, String name) {
        return shares.group(rule.isBalanced() ? name : task);
    }

    public boolean wants(long tag, Group group) {
        return rule.wants(tag, group, shares);
    }

    public Entry add(SampleKey key) {
        Entry entry = new Entry(key, group(key.task(), key.group()));
        shares.add(entry);
        kept.add(entry);
        return entry;
    }

    /** Adds a sample that takes the place of its earlier self. */
    public Entry renew(Entry old, SampleKey key) {
        Entry entry = new Entry(key, old.group);
        shares.remove(old);
        shares.add(entry);
        kept.replace(old, entry);
        return entry;
    }

    public void remove(Entry entry) {
        shares.remove(entry);
        kept.remove(entry);
    }

    /** Removes what the budget does not hold and returns what of it is to leave the store, too. */
    public List<Entry> shrink() {
        List<Entry> left = new ArrayList<>();
        Optional<Entry> leaving = shares.leaving();
        while (leaving.isPresent()) {
            Entry entry = leaving.get();
            remove(entry);
            rule.left(entry);
            if (underway == null || !underway.putAside(entry)) {
                left.add(entry);
            }
            leaving = shares.leaving();
        }
        return left;
    }

    /** Returns the task that trains, or that has been learnt last and may still be taken back. */
    public Optional<Underway> underway() {
        return Optional.ofNullable(underway);
    }

    /** From here on what must make room for a task is put aside. */
    public void begin(String task) {
        underway = new Underway(task, shares.thresholds());
    }

    /** Accepts the task that was under way and returns what lies aside: it may go now. */
    public List<Entry> accept() {
        List<Entry> aside = underway == null ? List.of() : List.copyOf(underway.aside());
        underway = null;
        return aside;
    }

    /** Makes it as if the task under way had never begun, and returns its samples. */
    public List<Entry> takeBack() {
        if (underway == null) {
            return List.of();
        }
        String task = underway.task();
        List<Entry> found = kept.all().stream().filter(e -> e.key.task().equals(task)).toList();
        reset(keys(before(underway)), underway.thresholds());
        underway = null;
        return found;
    }

    /** Returns the samples of the tasks that were learnt, oldest first. */
    public List<SampleKey> learnt() {
        return keys(
                underway == null || underway.hasEnded() ? kept.all().stream() : before(underway));
    }

    /** Returns what there would be without a task. */
    private Stream<Entry> before(Underway task) {
        Stream<Entry> others =
                kept.all().stream().filter(entry -> !entry.key.task().equals(task.task()));
        return Stream.concat(others, task.aside().stream());
    }

    private static List<SampleKey> keys(Stream<Entry> entries) {
        return entries.map(entry -> entry.key)
                .sorted(Comparator.comparingLong(SampleKey::born).thenComparing(SampleKey::id))
                .toList();
    }

    private void reset(List<SampleKey> keys, Map<String, Long> thresholds) {
        kept = new KeptSamples();
        shares = new Shares(budget, rule);
        thresholds.forEach((name, tag) -> shares.group(name).lowerThreshold(tag));
        keys.forEach(this::add);
    }

    /** Returns the seed of the samples' tags, which stays that of the first process. */
    public long seed() {
        return seed;
    }

    /** Returns which store the samples are in, as it is after the last change. */
    public Edition edition() {
        return edition;
    }

    /**
     * Counts changes from here on. Not those before a store is found to be the one that the memory
     * knows: they must not make an old one look newer.
     */
    public void countChanges() {
        isCounting = true;
    }

    /** Takes note that others, who share the store, have given it its name first. */
    public void adopt(String store) {
        edition = new Edition(store, edition.revision());
    }

    /**
     * Returns what another process needs to go on choosing as this one would, as it is to be
     * written with a change of the store.
     */
    public String state() {
        edition = isCounting ? edition.next() : edition;
        return state(shares.thresholds(), underway);
    }

    private String state(Map<String, Long> thresholds, @Nullable Underway task) {
        return new LedgerState(
                        selection.name(), storage, tags.state(), seed, edition, thresholds, task)
                .text();
    }

    /** Returns the same as if the task that trains had not begun. */
    public String learntState() {
        return underway == null || underway.hasEnded()
                ? state(shares.thresholds(), null)
                : state(underway.thresholds(), null);
    }

    /**
     * Goes on from what {@link #state} wrote.
     *
     * @return whether a task was under way then; it is now, with nothing put aside
     */
    public boolean resume(String written) {
        LedgerState state = LedgerState.read(written);
        state.require(selection, storage);
        tags = Tags.after(state.tags());
        edition = state.edition();
        seed = state.seed() == null ? seed : state.seed();
        state.thresholds().forEach((name, tag) -> shares.group(name).lowerThreshold(tag));
        underway = state.underway();
        return underway != null;
    }
}
