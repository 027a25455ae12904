package dev.engram.replay.internal.ledger;

import dev.engram.replay.selection.Selection;
import java.util.Comparator;

/** What a selection says of the samples of a stream. */
public final class SelectionRule {

    private final Selection selection;

    /** Returns the rule of a selection. */
    public static SelectionRule of(Selection selection) {
        return new SelectionRule(selection);
    }

    private SelectionRule(Selection selection) {
        this.selection = selection;
    }

    /** Returns whether classes share the budget equally. */
    public boolean isBalanced() {
        return selection != Selection.RESERVOIR;
    }

    /** Returns whether samples are chosen while the task trains. */
    public boolean isOnline() {
        return selection != Selection.HERDING;
    }

    Comparator<Entry> leavesFirst() {
        return selection == Selection.RING
                ? Comparator.comparingLong(entry -> entry.key.id())
                : Comparator.comparingLong((Entry entry) -> entry.key.tag()).reversed();
    }

    /** Returns whether a sample with a tag is worth looking at. */
    boolean wants(long tag, Group group, Shares shares) {
        return switch (selection) {
            case RESERVOIR, CLASS_BALANCED -> tag < group.threshold();
            case GREEDY_BALANCED -> shares.hasRoom() || shares.isBelowShare(group);
            case RING, HERDING -> true;
        };
    }

    /** Takes note that a sample left because the budget was full. */
    void left(Entry entry) {
        if (selection == Selection.RESERVOIR || selection == Selection.CLASS_BALANCED) {
            entry.group.lowerThreshold(entry.key.tag());
        }
    }
}
