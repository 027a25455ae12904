package dev.engram.replay.internal.recognition;

import java.util.Arrays;

/**
 * How often each sample was seen in an epoch: a data set may hold one several times, and those are
 * kept as often, but a further epoch brings nothing new.
 *
 * <p>Up to 24 bytes for each distinct sample of an epoch, 24 MB at most; of more than a million,
 * the rest count as seen once.
 */
final class Occurrences {

    private static final int FIRST_CAPACITY = 64;
    private static final int MOST = 1 << 20;

    private long[] digests = new long[FIRST_CAPACITY];
    private int[] counts = new int[FIRST_CAPACITY];
    private int size;

    /** Counts a sample and returns how often it was seen before in this epoch. */
    int next(long digest) {
        int at = find(digest);
        if (counts[at] > 0) {
            return counts[at]++;
        }
        if (size < MOST) {
            digests[at] = digest;
            counts[at] = 1;
            size++;
            if (2 * size > digests.length) {
                grow();
            }
        }
        return 0;
    }

    /** Begins an epoch. */
    void clear() {
        Arrays.fill(counts, 0);
        size = 0;
    }

    private int find(long digest) {
        int at = (int) digest & digests.length - 1;
        while (counts[at] > 0 && digests[at] != digest) {
            at = at + 1 & digests.length - 1;
        }
        return at;
    }

    private void grow() {
        long[] oldDigests = digests;
        int[] oldCounts = counts;
        digests = new long[2 * oldDigests.length];
        counts = new int[digests.length];
        for (int i = 0; i < oldDigests.length; i++) {
            if (oldCounts[i] > 0) {
                int at = find(oldDigests[i]);
                digests[at] = oldDigests[i];
                counts[at] = oldCounts[i];
            }
        }
    }
}
