package dev.engram.replay.source;

import dev.engram.replay.store.SampleKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which samples are kept, decided on the host; knows keys, not arrays. */
final class Ledger {

    private final Selection selection;
    private final String storage;
    private final Shares shares;
    private final Kept kept = new Kept();
    private Tags tags;

    /**
     * Creates an empty ledger.
     *
     * @param storage the form of the stored samples, which another process must share
     */
    Ledger(Selection selection, String storage, Budget budget, long seed) {
        this.selection = selection;
        this.storage = storage;
        this.shares = new Shares(budget, selection);
        this.tags = new Tags(seed);
    }

    Tags tags() {
        return tags;
    }

    Kept kept() {
        return kept;
    }

    Group group(String task, String name) {
        return shares.group(selection.isBalanced() ? name : task);
    }

    boolean wants(long tag, Group group) {
        return selection.wants(tag, group, shares);
    }

    Entry add(SampleKey key) {
        Entry entry = new Entry(key, group(key.task(), key.group()));
        shares.add(entry);
        kept.add(entry);
        return entry;
    }

    void remove(Entry entry) {
        shares.remove(entry);
        kept.remove(entry);
    }

    /** Removes what the budget does not hold and returns it. */
    List<Entry> shrink() {
        List<Entry> left = new ArrayList<>();
        Optional<Entry> leaving = shares.leaving();
        while (leaving.isPresent()) {
            remove(leaving.get());
            selection.left(leaving.get());
            left.add(leaving.get());
            leaving = shares.leaving();
        }
        return left;
    }

    /** Returns what another process needs to go on choosing as this one would. */
    String state() {
        return LedgerState.write(selection, storage, tags.state(), shares.groups());
    }

    /** Goes on from what {@link #state} wrote. */
    void resume(String written) {
        LedgerState state = LedgerState.read(written);
        state.require(selection, storage);
        tags = Tags.after(state.tags());
        state.thresholds().forEach((name, tag) -> shares.group(name).lowerThreshold(tag));
    }
}
