package dev.engram.replay.internal.ledger;

import dev.engram.replay.selection.Budget;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** How the budget is used, and by which groups. */
final class Shares {

    private final Budget budget;
    private final SelectionRule rule;
    private final Map<String, Group> groups = new TreeMap<>();
    private long samples;
    private long bytes;

    Shares(Budget budget, SelectionRule rule) {
        this.budget = budget;
        this.rule = rule;
    }

    /** Returns by group the tag from which on samples are refused, where any were. */
    Map<String, Long> thresholds() {
        Map<String, Long> thresholds = new TreeMap<>();
        for (Group group : groups.values()) {
            if (group.threshold() < Long.MAX_VALUE) {
                thresholds.put(group.name(), group.threshold());
            }
        }
        return thresholds;
    }

    /** Returns the group of a name, a new one if there was none. */
    Group group(String name) {
        return groups.computeIfAbsent(
                rule.isBalanced() ? name : "", found -> new Group(found, rule.leavesFirst()));
    }

    void add(Entry entry) {
        entry.group.add(entry);
        samples++;
        bytes += entry.bytes();
    }

    void remove(Entry entry) {
        entry.group.remove(entry);
        samples--;
        bytes -= entry.bytes();
    }

    boolean hasRoom() {
        return samples < budget.samples() && bytes < budget.bytes();
    }

    /** Returns whether a group has less than an equal share of the budget. */
    boolean isBelowShare(Group group) {
        long most = Math.min(budget.samples() / groups.size(), budget.samplesAClass());
        return group.count() < Math.max(1, most)
                && group.bytes() < Math.max(1, budget.bytes() / groups.size());
    }

    private static long chance(Group group) {
        return new SplittableRandom(group.first().key.id()).nextLong();
    }

    /** Returns who must leave, if anybody. */
    Optional<Entry> leaving() {
        if (rule.isBalanced()) {
            for (Group group : groups.values()) {
                if (group.count() > budget.samplesAClass()) {
                    return Optional.of(group.first());
                }
            }
        }
        if (samples <= budget.samples() && bytes <= budget.bytes()) {
            return Optional.empty();
        }
        return Optional.of(largest(samples > budget.samples()).first());
    }

    /** Equals leave in an order that knows no task: else the oldest tasks would go first. */
    private Group largest(boolean bySamples) {
        Group largest = null;
        long most = 0;
        for (Group group : groups.values()) {
            long size = bySamples ? group.count() : group.bytes();
            if (group.count() > 0 && (largest == null || isBefore(size, group, most, largest))) {
                largest = group;
                most = size;
            }
        }
        return Objects.requireNonNull(largest);
    }

    private static boolean isBefore(long size, Group group, long most, Group largest) {
        return size > most || (size == most && chance(group) > chance(largest));
    }
}
