package dev.engram.prompttuning;

import dev.engram.api.Experimental;

/** What the vectors that a model sees are computed from. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum Reparametrisation {
    /** They are trained themselves. */
    NONE,

    /** A small network over vectors, trained with it (Li &amp; Liang 2021; P-tuning). */
    MLP,

    /**
     * Vectors plus what a small network adds, nothing at first (Razdaibiedina et al. 2023): they
     * start as they are initialised.
     */
    RESIDUAL
}
