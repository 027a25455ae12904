package dev.engram.averaging;

import dev.engram.api.Experimental;

/** How the share of the new weights is found. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum AveragingRule {
    /**
     * Searched along the line between old and new weights, for the least sum of the new task's loss
     * and the divergence from the old model's answers, both on samples of the new task.
     */
    KL,
    /** Searched along the line for the least mean loss on a few kept samples of each task. */
    PROBES,
    /** The new task weighs as each earlier one: 1/t. */
    INVERSE,
    /** The share that the user sets. */
    FIXED,
    /** Of each weight by itself, as the tasks' squared gradients weigh it. */
    FISHER
}
