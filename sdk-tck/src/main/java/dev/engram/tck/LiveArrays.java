package dev.engram.tck;

import ai.djl.ndarray.NDManager;
import dev.engram.api.Experimental;
import dev.engram.kit.autograd.RequiredEngine;

/** Counts the arrays that are open in the engine, whoever owns them: how a leak shows. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class LiveArrays {

    private LiveArrays() {}

    /** Returns the number of open arrays of all managers. */
    public static int count() {
        try (NDManager any = RequiredEngine.get().newBaseManager()) {
            return any.getParentManager().getManagedArrays().size();
        }
    }
}
