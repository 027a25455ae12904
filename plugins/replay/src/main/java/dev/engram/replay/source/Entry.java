package dev.engram.replay.source;

import dev.engram.replay.store.SampleKey;

/** A kept sample, as the choice of samples sees it; a few dozen bytes, the arrays are elsewhere. */
final class Entry {

    final SampleKey key;
    final Group group;
    int place;
    boolean gone;

    Entry(SampleKey key, Group group) {
        this.key = key;
        this.group = group;
    }

    long bytes() {
        return key.layout().bytes();
    }
}
