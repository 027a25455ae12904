package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;

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

    /**
     * Requires that no more and no fewer are open than before.
     *
     * @param during what was done meanwhile, to complete the phrase "arrays left open by ..."
     * @param hint what to do about it
     */
    static void requireStill(int before, String during, String hint) {
        int now = count();
        assertThat(now - before)
                .as("arrays left open by %s (%d before, %d after): %s", during, before, now, hint)
                .isZero();
    }
}
