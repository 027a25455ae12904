package dev.engram.prompttuning.internal.features;

import dev.engram.api.EngramException;
import java.util.List;

/**
 * Normal distributions with independent features, one a task.
 *
 * <p>A task of few samples has a poor variance: it is averaged with that of all tasks, which counts
 * as much as {@link #PRIOR} samples.
 */
public final class Likelihood {

    private static final double PRIOR = 10;
    private static final double LEAST = 1e-6;

    private final List<FeatureStatistics> tasks;
    private final double[] pooled;

    public Likelihood(List<FeatureStatistics> tasks) {
        this.tasks = List.copyOf(tasks);
        this.pooled = new double[tasks.get(0).width()];
        double mean = 0;
        for (int i = 0; i < pooled.length; i++) {
            int feature = i;
            pooled[i] =
                    tasks.stream().mapToDouble(task -> task.variance(feature)).average().orElse(0);
            mean += pooled[i] / pooled.length;
        }
        // A feature that never changes must not outweigh all others.
        double floor = mean > 0 ? LEAST * mean : LEAST;
        for (int i = 0; i < pooled.length; i++) {
            pooled[i] = Math.max(pooled[i], floor);
        }
    }

    /** Returns the place of the task under which a row of features is likeliest. */
    public int best(float[] values, int row, int width) {
        if (width != pooled.length) {
            throw new EngramException(
                    "Samples have %s features, but the tasks %s: was the chooser built over another model, or with other features?"
                            .formatted(width, pooled.length));
        }
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int task = 0; task < tasks.size(); task++) {
            double distance = distance(tasks.get(task), values, row);
            if (distance < least) {
                least = distance;
                best = task;
            }
        }
        return best;
    }

    /** Returns twice the negative logarithm of the likelihood, but for a constant. */
    private double distance(FeatureStatistics task, float[] values, int row) {
        double sum = 0;
        double own = task.count() / (task.count() + PRIOR);
        for (int i = 0; i < pooled.length; i++) {
            double variance = own * task.variance(i) + (1 - own) * pooled[i];
            double apart = values[row + i] - task.mean(i);
            sum += apart * apart / variance + Math.log(variance);
        }
        return sum;
    }
}
