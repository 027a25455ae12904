package dev.engram.metalearning;

import dev.engram.api.Stable;

/** Where La-MAML's gradient of the query is taken. */
@Stable(since = "0.1", implementedBy = "nobody")
public enum LookAhead {
    /**
     * After the optimizer's own step, with the next batch: the step is the inner one, and the query
     * costs no pass beyond that of rehearsal.
     */
    STEP,
    /**
     * After a step down the batch's gradient that is taken back again: the weights then go down the
     * gradient of there, as published, which costs another pass over the batch.
     */
    PASS
}
