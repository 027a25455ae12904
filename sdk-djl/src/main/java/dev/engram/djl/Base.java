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
     * Protects what the base can do without any data of its task.
     *
     * <p>Before the first step the model is asked for inputs that it is sure of, beginning with
     * pieces of the new task's first batch, and its answers to them are held while it learns: one
     * more pass of up to 64 of them a step, in evaluation mode, and once at the beginning up to
     * 1,536 inputs of 30 passes each. What it adds to the gradient is at most as long as the loop's
     * own. Works beside every strategy but those that solve the last layer anew ({@code
     * ridge-head}, {@code slda}, {@code ncm}), which are refused, and on one device. They are kept
     * in the memory directory; where the listener knows whom samples are about, they begin with
     * numbers that are nobody's, and hold less.
     *
     * <p>Where it cannot be asked, because its inputs are no floating-point numbers (token ids),
     * are several, it tells no classes, or a part of it is new, the weights are held as its outputs
     * on the first batch answer to them. That needs a strategy that holds weights, such as {@code
     * ewc-online}.
     */
    PROTECT,
    /** Does nothing and says nothing: the base may be forgotten, or was never trained. */
    IGNORE
}
