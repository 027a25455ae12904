package dev.engram.djl;

import dev.engram.api.Stable;

/**
 * What is done about a base: a model that has values when its first trainer begins, of which the
 * memory knows nothing.
 *
 * <p>Where data of the base's own task is at hand, {@link ForgettingListener#remember} protects it
 * better than {@link #PROTECT} can.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public enum Base {
    /** Says, before the first step, that the base is not protected, and what protects it. */
    WARN,
    /**
     * Protects what the base can do without any data of its task: how much its outputs answer to
     * each parameter is measured on the first batch of the new task, before the first step, and the
     * weights are held accordingly. Needs a strategy that holds weights, such as {@code
     * ewc-online}.
     */
    PROTECT,
    /** Does nothing and says nothing: the base may be forgotten, or was never trained. */
    IGNORE
}
