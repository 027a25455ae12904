package dev.engram.generativereplay.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import dev.engram.kit.autograd.Scaled;

/**
 * The negative evidence lower bound of inputs from 0 to 1: {@code −log p(x|z) + KL(q(z|x) ‖
 * p(z|y))}, where both distributions of codes are normal with a variance for each number, and that
 * of the classes is learnt, too (van de Ven, Siegelmann and Tolias 2020).
 */
public final class Elbo {

    private Elbo() {}

    /** Returns {@code −log p(x|z)} of each row: the cross-entropy of all its numbers. */
    public static NDArray reconstruction(NDArray inputs, NDArray logOdds) {
        return Activation.softPlus(logOdds).sub(logOdds.mul(inputs)).sum(new int[] {1});
    }

    /**
     * Returns the divergence of each row.
     *
     * @param mean of the code
     * @param spread logarithm of the variance of the code
     * @param classMean of the codes of the row's class
     * @param classSpread logarithm of the variance of those
     */
    public static NDArray divergence(
            NDArray mean, NDArray spread, NDArray classMean, NDArray classSpread) {
        NDArray precision = classSpread.neg().exp();
        NDArray squares = spread.exp().add(mean.sub(classMean).square()).mul(precision);
        NDArray twice = classSpread.sub(spread).add(squares).sub(1);
        return Scaled.by(0.5, twice.sum(new int[] {1}));
    }
}
