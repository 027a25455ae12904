package dev.engram.kit.penalty;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/** Brings sums to the host, in double precision; each call waits for the device. */
final class Reading {

    private Reading() {}

    static double sum(NDArray array, NDManager scratch) {
        try (NDManager call = scratch.newSubManager()) {
            NDArray wide = array.toType(DataType.FLOAT64, true);
            wide.attach(call);
            NDArray sum = wide.sum();
            sum.attach(call);
            return sum.getDouble();
        }
    }
}
