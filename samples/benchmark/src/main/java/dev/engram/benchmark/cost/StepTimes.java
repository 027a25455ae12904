package dev.engram.benchmark.cost;

import java.util.Arrays;

/** What is said about the times of many steps. */
final class StepTimes {

    private StepTimes() {}

    /**
     * Returns the median over blocks of steps of the ratio of their sums: neighbours meet the same
     * machine, also when its speed drifts, and a block holds what is not done at every step.
     */
    static double medianRatio(double[] steps, double[] others, int block) {
        double[] ratios = new double[Math.max(1, steps.length / block)];
        Arrays.setAll(ratios, i -> sum(steps, i, block) / sum(others, i, block));
        return median(ratios);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static double sum(double[] values, int index, int block) {
        int from = index * block;
        return Arrays.stream(values, from, Math.min(values.length, from + block)).sum();
    }
}
