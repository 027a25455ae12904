package dev.engram.adapters;

import dev.engram.api.Experimental;

/** Whether an adapter learns how much of it counts. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum Gate {
    /** It counts fully; its up-projection starts at zero. */
    NONE,

    /** A learnt factor that starts at zero (as in LLaMA-Adapter). */
    ZERO
}
