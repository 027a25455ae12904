package dev.engram.prompttuning;

import dev.engram.api.Experimental;

/** What vectors hold before they are trained. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum Initialisation {
    /** Normal random numbers. */
    RANDOM,

    /** Rows of the base's token embeddings: those named, or drawn at random. */
    TOKENS,

    /** The mean of the base's token embeddings, or of those named, with random numbers added. */
    MEAN
}
