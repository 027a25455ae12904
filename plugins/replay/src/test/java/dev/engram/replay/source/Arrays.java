package dev.engram.replay.source;

import ai.djl.ndarray.NDManager;

/** Counts what is open in the engine. */
public final class Arrays {

    private Arrays() {}

    /** Returns the number of live arrays of all managers. */
    public static int live() {
        try (NDManager any = NDManager.newBaseManager()) {
            return any.getParentManager().getManagedArrays().size();
        }
    }
}
