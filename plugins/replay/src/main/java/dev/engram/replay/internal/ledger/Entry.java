package dev.engram.replay.internal.ledger;

import dev.engram.replay.store.SampleKey;

/** A kept sample, as the choice of samples sees it; a few dozen bytes, the arrays are elsewhere. */
public final class Entry {

    public final SampleKey key;
    public final Group group;
    int place;
    public boolean gone;

    Entry(SampleKey key, Group group) {
        this.key = key;
        this.group = group;
    }

    long bytes() {
        return key.layout().bytes();
    }
}
