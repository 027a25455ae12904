package dev.engram.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/** How far two answers to one question lie apart. */
final class Difference {

    private Difference() {}

    /** The largest difference, relative to the largest value or to one; NaN only meets NaN. */
    static double relative(NDArray expected, double[] seen) {
        if (expected.size() != seen.length) {
            return Double.POSITIVE_INFINITY;
        }
        if (seen.length == 0) {
            return 0;
        }
        double most = 0;
        double scale = 1;
        double[] wanted = expected.toType(DataType.FLOAT64, true).toDoubleArray();
        for (int i = 0; i < seen.length; i++) {
            boolean same = Double.compare(wanted[i], seen[i]) == 0;
            double by = same ? 0 : Math.abs(wanted[i] - seen[i]);
            most = Double.isNaN(by) ? Double.POSITIVE_INFINITY : Math.max(most, by);
            scale = Double.isFinite(wanted[i]) ? Math.max(scale, Math.abs(wanted[i])) : scale;
        }
        return most / scale;
    }
}
