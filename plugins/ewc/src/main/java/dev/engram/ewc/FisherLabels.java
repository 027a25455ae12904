package dev.engram.ewc;

import dev.engram.api.Experimental;

/** Under which labels the gradients are taken. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum FisherLabels {
    /** The labels of the data: the empirical Fisher. */
    DATA,
    /**
     * Labels drawn from the model itself: the Fisher information. Its softmax says a class, its
     * outputs under {@code SigmoidBinaryCrossEntropyLoss} are Bernoulli and under {@code L2Loss}
     * Gaussian; others are refused before the first step.
     */
    MODEL
}
