package dev.engram.sleep;

import dev.engram.api.Experimental;

/** How a sleep ended. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum SleepOutcome {
    /** At least one task rose and none fell: the model has what was learnt. */
    ACCEPTED,
    /** The model is as it was, bit for bit. */
    REFUSED,
    /** The thread was interrupted: the model is as it was, and the next sleep goes on from here. */
    INTERRUPTED
}
