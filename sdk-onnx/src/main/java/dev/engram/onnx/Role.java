package dev.engram.onnx;

import dev.engram.api.Experimental;

/** What an initialiser is for, as the nodes that use it tell. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum Role {
    /** The matrix or kernel of a layer. */
    WEIGHT,
    /** What a layer adds. */
    BIAS,
    /** What a normalisation or an activation multiplies by. */
    SCALE,
    /** A table of vectors, looked up or added by position. */
    EMBEDDING,
    /** Mean or variance that a BatchNorm collected. */
    STATISTIC,
    /** Anything else: factors, masks, angles. */
    CONSTANT;

    /** Returns whether such values are trained unless the user says otherwise. */
    public boolean isTrained() {
        return this != STATISTIC && this != CONSTANT;
    }
}
