package dev.engram.replay.internal.recognition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Reads class labels on the host, which waits for the device. */
public final class ClassLabels {

    private static final long[] NONE = {};

    private ClassLabels() {}

    /**
     * Returns the class of each sample, or an empty array if the labels are not one class each:
     * several arrays, several values a sample, fractions, or negative numbers.
     *
     * @param predictions what the model predicted, empty if unknown; a class must be one of its
     *     outputs
     */
    public static long[] read(NDList labels, NDList predictions, int size) {
        if (labels.size() != 1 || labels.head().getShape().size() != size) {
            return NONE;
        }
        long outputs = outputs(predictions);
        double[] values = values(labels.head());
        long[] classes = new long[size];
        for (int i = 0; i < size; i++) {
            if (values[i] != Math.rint(values[i]) || values[i] < 0 || values[i] >= outputs) {
                return NONE;
            }
            classes[i] = (long) values[i];
        }
        return classes;
    }

    /** The usual types are read as they are: a cast is an array more at every step. */
    private static double[] values(NDArray label) {
        return switch (label.getDataType()) {
            case INT64 -> Arrays.stream(label.toLongArray()).asDoubleStream().toArray();
            case INT32 -> Arrays.stream(label.toIntArray()).asDoubleStream().toArray();
            case FLOAT32 -> widen(label.toFloatArray());
            case FLOAT64 -> label.toDoubleArray();
            default -> {
                try (NDArray wide = label.toType(DataType.FLOAT64, true)) {
                    yield wide.toDoubleArray();
                }
            }
        };
    }

    private static double[] widen(float[] values) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return wide;
    }

    private static long outputs(NDList predictions) {
        if (predictions.isEmpty()) {
            return Long.MAX_VALUE;
        }
        Shape shape = predictions.head().getShape();
        return shape.dimension() == 2 ? shape.get(1) : 0;
    }
}
