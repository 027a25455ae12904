package dev.engram.metalearning;

import dev.engram.api.Experimental;

/** What {@link MetaTrainer} does with a task that it has tried to learn. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum MetaMethod {
    /** The initialisation goes part of the way to what was learnt (Nichol et al. 2018). */
    REPTILE,
    /**
     * It goes down the gradient of the query at what was learnt (Finn et al. 2017, first order).
     */
    FIRST_ORDER_MAML,
    /** The same, and step sizes go down theirs (Li et al. 2017, first order). */
    META_SGD,
    /**
     * The same as {@link #FIRST_ORDER_MAML}, but tasks are learnt in the head alone: what is below
     * is a representation that only the query changes (after Javed and White 2019, whose gradients
     * are of second order).
     */
    OML
}
