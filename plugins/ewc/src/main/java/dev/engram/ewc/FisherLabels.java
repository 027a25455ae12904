package dev.engram.ewc;

import dev.engram.api.Experimental;

/** Under which labels the gradients are taken. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum FisherLabels {
    /** The labels of the data: the empirical Fisher. */
    DATA,
    /** Labels drawn from the model's own softmax: the Fisher information itself. */
    MODEL
}
