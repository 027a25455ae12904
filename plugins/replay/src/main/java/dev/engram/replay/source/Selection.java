package dev.engram.replay.source;

import dev.engram.api.Experimental;
import java.util.Comparator;

/**
 * Which samples of a stream stay within a budget.
 *
 * <p>Every sample gets a random tag when it is observed, the same one when it comes again. A source
 * that holds more than its budget takes from its largest group the sample that leaves first, until
 * it fits. All but {@link #RESERVOIR} and {@link #HERDING} put samples of one class of one task
 * into a group; to know the class they read the labels on the host, one small transfer a batch that
 * waits for the device.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum Selection {
    /**
     * Every sample of the whole stream stays with the same probability, exactly, also after a
     * restore or an erasure: those with the lowest tags (bottom-k sampling; Cohen and Kaplan 2007).
     * Labels are not looked at. The same distribution as Vitter's algorithm R over samples that
     * come once each, however many epochs there are.
     */
    RESERVOIR(false, Order.HIGHEST_TAG),
    /**
     * As many samples of each class of each task as of the others, and within a class every sample
     * with the same probability (Chrysakis and Moens 2020).
     */
    CLASS_BALANCED(true, Order.HIGHEST_TAG),
    /**
     * The newest samples of each class of each task, equally many of each (Chaudhry et al. 2019,
     * "ring buffer").
     */
    RING(true, Order.OLDEST),
    /**
     * Takes what comes as long as its class has less than its share, and makes room by removing at
     * random from the largest class (GDumb's sampler; Prabhu et al. 2020, algorithm 1).
     */
    GREEDY_BALANCED(true, Order.HIGHEST_TAG),
    /**
     * Chosen when a task ends, out of the samples that the listener kept: those whose mean of
     * features comes nearest to the mean of their class, in order of importance (iCaRL; Rebuffi et
     * al. 2017, algorithm 4).
     */
    HERDING(true, Order.HIGHEST_TAG);

    private final boolean balanced;
    private final Order order;

    Selection(boolean balanced, Order order) {
        this.balanced = balanced;
        this.order = order;
    }

    /** Returns whether classes share the budget equally. */
    boolean isBalanced() {
        return balanced;
    }

    /** Returns whether samples are chosen while the task trains. */
    boolean isOnline() {
        return this != HERDING;
    }

    Comparator<Entry> leavesFirst() {
        return order == Order.OLDEST
                ? Comparator.comparingLong(entry -> entry.key.id())
                : Comparator.comparingLong((Entry entry) -> entry.key.tag()).reversed();
    }

    /** Returns whether a sample with a tag is worth looking at. */
    boolean wants(long tag, Group group, Shares shares) {
        return switch (this) {
            case RESERVOIR, CLASS_BALANCED -> tag < group.threshold();
            case GREEDY_BALANCED -> shares.hasRoom() || shares.isBelowShare(group);
            case RING, HERDING -> true;
        };
    }

    /** Takes note that a sample left because the budget was full. */
    void left(Entry entry) {
        if (this == RESERVOIR || this == CLASS_BALANCED) {
            entry.group.lowerThreshold(entry.key.tag());
        }
    }

    private enum Order {
        HIGHEST_TAG,
        OLDEST
    }
}
