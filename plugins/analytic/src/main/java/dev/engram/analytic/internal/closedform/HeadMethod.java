package dev.engram.analytic.internal.closedform;

import ai.djl.ndarray.NDManager;
import dev.engram.analytic.internal.sums.HeadStatistics;
import dev.engram.api.EngramException;

/** A closed form: the weights of a linear layer from sums over samples. */
public interface HeadMethod {

    /** Returns the name in messages, which is the strategy's id. */
    String name();

    /** Returns whether it needs the sum of the features' products. */
    boolean needsProducts();

    /** Returns whether its outputs are wrong without a bias. */
    boolean needsBias();

    /**
     * Looks whether a layer has what the method needs.
     *
     * @throws EngramException if not
     */
    default void requireSuits(boolean hasBias) {
        if (needsBias() && !hasBias) {
            throw new EngramException(
                    "%s needs a bias in the model's last layer: Linear.builder().optBias(true)"
                            .formatted(name()));
        }
    }

    /**
     * Solves the head.
     *
     * @param sums of at least one sample
     * @param hasBias whether the layer has a bias
     * @param owner of the head
     */
    SolvedHead solve(HeadStatistics sums, boolean hasBias, NDManager owner);
}
