package dev.engram.replay.internal.ledger;

import java.util.UUID;

/**
 * Which store samples lie in, and how often it was changed: what tells another store, or an older
 * copy of the same one, from the one that a memory was written with.
 *
 * @param store drawn when the store was first written to
 * @param revision one more with each change
 */
public record Edition(String store, long revision) {

    /** Returns the edition of a new store. */
    public static Edition first() {
        return new Edition(UUID.randomUUID().toString(), 0);
    }

    /** Returns what {@link #toString} wrote. */
    public static Edition parse(String text) {
        String[] words = text.split(" ", -1);
        return new Edition(words[0], Long.parseLong(words[1]));
    }

    public Edition next() {
        return new Edition(store, revision + 1);
    }

    @Override
    public String toString() {
        return store + " " + revision;
    }
}
