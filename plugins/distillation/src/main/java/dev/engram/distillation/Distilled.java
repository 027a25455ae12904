package dev.engram.distillation;

import dev.engram.api.Experimental;

/** What of the teacher the model is held to. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum Distilled {
    /** The probabilities of its answers. */
    ANSWERS,
    /** What its last layer sees. */
    FEATURES
}
