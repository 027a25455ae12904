package dev.engram.kit.penalty;

import dev.engram.api.Stable;

/** How the importance of a newly learnt task joins that of the earlier ones. */
@Stable(since = "0.1", implementedBy = "nobody")
public enum Merging {
    /** One quadratic term a task, each around its own anchor; they are kept as their exact sum. */
    SUM,
    /** Earlier importance decays by γ; the newest weights are the only anchor. */
    ONLINE
}
