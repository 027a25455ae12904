package dev.engram.prompttuning.internal.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.api.EngramException;
import java.util.Map;

/** Mean and variance of each feature of the samples of one task, on the host. */
public final class FeatureStatistics {

    private long count;
    private double[] means = {};
    private double[] spreads = {};

    public FeatureStatistics() {}

    /** Takes up samples, (batch, features); waits for the device. */
    public void add(NDArray features) {
        int width = (int) features.getShape().get(1);
        require(width);
        float[] values = features.toType(DataType.FLOAT32, false).toFloatArray();
        for (int row = 0; row < values.length; row += width) {
            count++;
            for (int i = 0; i < width; i++) {
                double before = values[row + i] - means[i];
                means[i] += before / count;
                spreads[i] += before * (values[row + i] - means[i]);
            }
        }
    }

    public boolean isEmpty() {
        return count == 0;
    }

    public long count() {
        return count;
    }

    public int width() {
        return means.length;
    }

    public double mean(int feature) {
        return means[feature];
    }

    double variance(int feature) {
        return spreads[feature] / count;
    }

    /** Writes them under names that begin with the task's. */
    public void write(String task, Map<String, NDArray> tensors, NDManager manager) {
        tensors.put(task + "/count", manager.create(new double[] {count}));
        tensors.put(task + "/mean", manager.create(means));
        tensors.put(task + "/spread", manager.create(spreads));
    }

    public static FeatureStatistics read(String task, Map<String, NDArray> tensors) {
        FeatureStatistics read = new FeatureStatistics();
        double[] count = values(task + "/count", tensors);
        read.means = values(task + "/mean", tensors);
        read.spreads = values(task + "/spread", tensors);
        if (count.length != 1 || count[0] < 1 || read.means.length != read.spreads.length) {
            throw new EngramException(
                    "The statistics of task \"%s\" hold %s counts, %s means and %s spreads, which do not fit together: build the chooser anew"
                            .formatted(task, count.length, read.means.length, read.spreads.length));
        }
        read.count = (long) count[0];
        return read;
    }

    private static double[] values(String name, Map<String, NDArray> tensors) {
        NDArray array = tensors.get(name);
        if (array == null || array.getDataType() != DataType.FLOAT64) {
            throw new EngramException(
                    "\"%s\" is missing or not of type float64: is this the file of a chooser? It holds %s"
                            .formatted(name, tensors.keySet()));
        }
        return array.toDoubleArray();
    }

    private void require(int width) {
        if (count == 0) {
            means = new double[width];
            spreads = new double[width];
        } else if (width != means.length) {
            throw new EngramException(
                    "Samples have %s features, those before had %s: all must have the same number"
                            .formatted(width, means.length));
        }
    }
}
