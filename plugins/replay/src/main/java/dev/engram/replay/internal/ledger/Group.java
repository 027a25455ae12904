package dev.engram.replay.internal.ledger;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Samples that share a part of the budget: all of them, or those of one class of one task. */
public final class Group {

    private static final int SLACK = 64;

    private final String name;
    private final PriorityQueue<Entry> leavingFirst;
    private long threshold = Long.MAX_VALUE;
    private int count;
    private long bytes;

    Group(String name, Comparator<Entry> leavesFirst) {
        this.name = name;
        this.leavingFirst = new PriorityQueue<>(leavesFirst);
    }

    String name() {
        return name;
    }

    int count() {
        return count;
    }

    long bytes() {
        return bytes;
    }

    /** Returns the tag from which on samples are refused, because others with it had to leave. */
    long threshold() {
        return threshold;
    }

    void lowerThreshold(long tag) {
        threshold = Math.min(threshold, tag);
    }

    void add(Entry entry) {
        leavingFirst.add(entry);
        count++;
        bytes += entry.bytes();
    }

    void remove(Entry entry) {
        entry.gone = true;
        count--;
        bytes -= entry.bytes();
        if (leavingFirst.size() > 2 * count + SLACK) {
            leavingFirst.removeIf(old -> old.gone);
        }
    }

    /** Returns the entry that must leave first; there must be one. */
    Entry first() {
        Entry first = leavingFirst.peek();
        while (first != null && first.gone) {
            leavingFirst.remove();
            first = leavingFirst.peek();
        }
        if (first == null) {
            throw new IllegalStateException("group " + name + " is empty");
        }
        return first;
    }
}
