package dev.engram.metalearning;

import dev.engram.api.Stable;

/** What learnt step sizes do in La-MAML. */
@Stable(since = "0.1", implementedBy = "nobody")
public enum Variant {
    /** They scale what the optimizer does to the weights. */
    ASYNC,
    /** They scale the step that is looked ahead alone; weights move as the optimizer moves them. */
    SYNC
}
