package dev.engram.replay.internal.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A task that trains, and what it pushed out of the budget: put aside until the task is learnt, so
 * that one that is broken off costs earlier tasks nothing.
 */
public final class Underway {

    private final String task;
    private final Map<String, Long> thresholds;
    private final List<Entry> aside = new ArrayList<>();
    private boolean ended;

    /**
     * Begins a task.
     *
     * @param thresholds of the groups before its first sample
     */
    Underway(String task, Map<String, Long> thresholds) {
        this.task = task;
        this.thresholds = Map.copyOf(thresholds);
    }

    public String task() {
        return task;
    }

    Map<String, Long> thresholds() {
        return thresholds;
    }

    /** Returns whether the task came to its end, though it may still be taken back. */
    public boolean hasEnded() {
        return ended;
    }

    public void end() {
        ended = true;
    }

    /** Returns whether an entry that the budget does not hold is put aside here. */
    boolean putAside(Entry entry) {
        return !entry.key.task().equals(task) && aside.add(entry);
    }

    /** Returns samples of earlier tasks that are stored, but not among the kept ones for now. */
    public List<Entry> aside() {
        return aside;
    }
}
