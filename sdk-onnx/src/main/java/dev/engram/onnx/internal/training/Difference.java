package dev.engram.onnx.internal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.function.IntPredicate;

/** How far two answers to one question lie apart. */
public final class Difference {

    private Difference() {}

    /** The largest difference, relative to the largest value or to one; NaN agrees with nothing. */
    public static double relative(NDArray expected, double[] seen) {
        return relative(expected, seen, place -> false);
    }

    /**
     * Like {@link #relative(NDArray, double[])}.
     *
     * @param mayBeNaN where NaN is no sign of damage, and agrees with NaN
     */
    public static double relative(NDArray expected, double[] seen, IntPredicate mayBeNaN) {
        if (expected.size() != seen.length) {
            return Double.POSITIVE_INFINITY;
        }
        if (seen.length == 0) {
            return 0;
        }
        double[] wanted = numbers(expected);
        double most = 0;
        double scale = 1;
        for (int i = 0; i < seen.length; i++) {
            most = Math.max(most, apart(wanted[i], seen[i], mayBeNaN.test(i)));
            scale = Double.isFinite(wanted[i]) ? Math.max(scale, Math.abs(wanted[i])) : scale;
        }
        return most / scale;
    }

    /** Reads an array. */
    public static double[] numbers(NDArray array) {
        if (array.size() == 0) {
            return new double[0];
        }
        try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
            return wide.toDoubleArray();
        }
    }

    private static double apart(double wanted, double seen, boolean mayBeNaN) {
        boolean isOneNaN = Double.isNaN(wanted) || Double.isNaN(seen);
        boolean same = Double.compare(wanted, seen) == 0;
        if (isOneNaN) {
            return same && mayBeNaN ? 0 : Double.POSITIVE_INFINITY;
        }
        return same ? 0 : Math.abs(wanted - seen);
    }
}
