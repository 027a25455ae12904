package dev.engram.replay.store.disk;

/**
 * Says where each sample lies: a hash table of primitive numbers, 32 bytes a sample or less.
 *
 * <p>Ids are positive; so are places, or zero.
 */
final class SlotTable {

    private static final long NONE = -1;
    private static final int FIRST_CAPACITY = 64;
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private long[] ids = new long[FIRST_CAPACITY];
    private long[] places = new long[FIRST_CAPACITY];
    private int size;

    int size() {
        return size;
    }

    /** Returns the place of a sample, or -1. */
    long get(long id) {
        int at = find(id);
        return ids[at] == id ? places[at] : NONE;
    }

    void put(long id, long place) {
        if (2 * (size + 1) > ids.length) {
            grow();
        }
        int at = find(id);
        if (ids[at] == 0) {
            ids[at] = id;
            size++;
        }
        places[at] = place;
    }

    /** Removes a sample; returns its place, or -1 if there is none. */
    long remove(long id) {
        int hole = find(id);
        if (ids[hole] == 0) {
            return NONE;
        }
        final long place = places[hole];
        size--;
        // Those behind move up, so that a search from their first cell still meets them.
        for (int at = next(hole); ids[at] != 0; at = next(at)) {
            int home = home(ids[at]);
            boolean staysReachable =
                    hole <= at ? hole < home && home <= at : hole < home || home <= at;
            if (!staysReachable) {
                ids[hole] = ids[at];
                places[hole] = places[at];
                hole = at;
            }
        }
        ids[hole] = 0;
        return place;
    }

    private int find(long id) {
        int at = home(id);
        while (ids[at] != 0 && ids[at] != id) {
            at = next(at);
        }
        return at;
    }

    private int home(long id) {
        return (int) ((id * MIX) >>> (Long.numberOfLeadingZeros(ids.length) + 1));
    }

    private int next(int at) {
        return at + 1 & ids.length - 1;
    }

    private void grow() {
        long[] oldIds = ids;
        long[] oldPlaces = places;
        ids = new long[2 * oldIds.length];
        places = new long[ids.length];
        for (int i = 0; i < oldIds.length; i++) {
            if (oldIds[i] != 0) {
                int at = find(oldIds[i]);
                ids[at] = oldIds[i];
                places[at] = oldPlaces[i];
            }
        }
    }
}
