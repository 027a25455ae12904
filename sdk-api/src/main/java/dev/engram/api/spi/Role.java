package dev.engram.api.spi;

import dev.engram.api.Experimental;

/** Roles known to Engram; a plug-in may name roles of its own. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Role {

    /** Adds a quadratic penalty that holds parameters near an anchor. */
    public static final String PENALTY = "penalty";

    /** Trains on samples of earlier tasks beside the batch. */
    public static final String REHEARSAL = "rehearsal";

    /** Gives each task parameters of its own. */
    public static final String ISOLATION = "isolation";

    /**
     * Compares the loop's gradients with those of passes of its own; refused where the latter are
     * not to be seen, as with tasks' own parameters over a TorchScript block.
     */
    public static final String PROJECTION = "projection";

    private Role() {}
}
