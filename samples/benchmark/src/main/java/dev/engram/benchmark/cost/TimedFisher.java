package dev.engram.benchmark.cost;

import ai.djl.ndarray.NDArray;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.ewc.FisherImportance;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** A guard that only computes a Fisher, with its time. */
final class TimedFisher implements ForgettingGuard {

    private final FisherImportance fisher;
    private double seconds;
    private double[] values = {};

    TimedFisher(FisherImportance fisher) {
        this.fisher = fisher;
    }

    @Override
    public String name() {
        return "timed-fisher";
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        long begin = System.nanoTime();
        Map<String, NDArray> found = fisher.estimate(task);
        DoubleStream.Builder all = DoubleStream.builder();
        // Reading the last value waits for the device, so that all of the work is in the time.
        found.values().forEach(array -> array.sum().getFloat());
        seconds = (System.nanoTime() - begin) / 1e9;
        for (NDArray array : found.values()) {
            float[] flat = array.toFloatArray();
            IntStream.range(0, flat.length).forEach(i -> all.add(flat[i]));
        }
        values = all.build().toArray();
    }

    double seconds() {
        return seconds;
    }

    double sum() {
        return Arrays.stream(values).sum();
    }

    /** Returns Pearson's correlation over all elements of all parameters. */
    double correlation(TimedFisher other) {
        double mean = sum() / values.length;
        double otherMean = other.sum() / values.length;
        double product = 0;
        double square = 0;
        double otherSquare = 0;
        for (int i = 0; i < values.length; i++) {
            double a = values[i] - mean;
            double b = other.values[i] - otherMean;
            product += a * b;
            square += a * a;
            otherSquare += b * b;
        }
        return product / Math.sqrt(square * otherSquare);
    }

    @Override
    public void save(MemoryWriter memory) {}

    @Override
    public void restore(MemoryReader memory) {}
}
