package dev.engram.generativereplay.internal.samples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.stream.IntStream;

/** Whether samples are answered with the class that they were made for. */
final class Agreement {

    private Agreement() {}

    /**
     * Returns those that are; waits for the device.
     *
     * @param labels a number of a class each, or one number for each class
     * @param answers one number for each class
     */
    static int[] of(NDArray labels, NDArray answers) {
        int samples = Math.toIntExact(labels.getShape().get(0));
        long[] answered = answers.reshape(samples, -1).argMax(1).toLongArray();
        double[] read = labels.toType(DataType.FLOAT64, true).toDoubleArray();
        int width = read.length / samples;
        return IntStream.range(0, samples)
                .filter(i -> answered[i] == meant(read, i * width, width))
                .toArray();
    }

    private static long meant(double[] labels, int from, int width) {
        if (width == 1) {
            return Math.round(labels[from]);
        }
        int most = 0;
        for (int i = 1; i < width; i++) {
            most = labels[from + i] > labels[from + most] ? i : most;
        }
        return most;
    }
}
