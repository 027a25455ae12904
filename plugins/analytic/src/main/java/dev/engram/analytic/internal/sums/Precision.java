package dev.engram.analytic.internal.sums;

import ai.djl.ndarray.types.DataType;

/** In which precision the products of some samples are computed; their sums are in float64. */
public enum Precision {
    /** In float64: order, merging and unlearning change an output by less than 1e-4, always. */
    DOUBLE,
    /** In the features' own, where the penalty is not tiny. */
    SINGLE;

    public DataType of(DataType features) {
        return this == DOUBLE ? DataType.FLOAT64 : features;
    }
}
