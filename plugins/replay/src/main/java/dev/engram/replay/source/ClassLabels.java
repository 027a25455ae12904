package dev.engram.replay.source;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** Reads class labels on the host, which waits for the device. */
final class ClassLabels {

    private static final long[] NONE = {};

    private ClassLabels() {}

    /**
     * Returns the class of each sample, or an empty array if the labels are not one class each:
     * several arrays, several values a sample, fractions, or negative numbers.
     *
     * @param predictions what the model predicted, empty if unknown; a class must be one of its
     *     outputs
     */
    static long[] read(NDList labels, NDList predictions, int size) {
        if (labels.size() != 1 || labels.head().getShape().size() != size) {
            return NONE;
        }
        long outputs = outputs(predictions);
        NDArray label = labels.head();
        double[] values;
        try (NDArray wide = label.toType(DataType.FLOAT64, true)) {
            values = wide.toDoubleArray();
        }
        long[] classes = new long[size];
        for (int i = 0; i < size; i++) {
            if (values[i] != Math.rint(values[i]) || values[i] < 0 || values[i] >= outputs) {
                return NONE;
            }
            classes[i] = (long) values[i];
        }
        return classes;
    }

    private static long outputs(NDList predictions) {
        if (predictions.isEmpty()) {
            return Long.MAX_VALUE;
        }
        Shape shape = predictions.head().getShape();
        return shape.dimension() == 2 ? shape.get(1) : 0;
    }
}
