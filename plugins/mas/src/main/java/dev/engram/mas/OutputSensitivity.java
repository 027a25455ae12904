package dev.engram.mas;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.kit.autograd.GradientSums;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * How much a model's outputs answer to each parameter: {@code Ω = 1/N Σ |∂ ‖f(x)‖² / ∂θ|}, each
 * sample's gradient on its own (Aljundi et al. 2018, section 3.1 and equation 3; its section 4.1
 * takes the squared norm of all outputs for one backward pass a sample).
 *
 * <p>{@code f(x)} is all floating-point outputs of the model in evaluation mode, together. Ω is 0
 * or more, in squared units of the outputs per unit of the parameter, and has the parameter's
 * shape. No label and no loss is read. The absolute value of a sum is not the sum of absolute
 * values, so there is one pass a sample; {@link Builder#optSamples} bounds how many.
 *
 * <p>Runs in evaluation mode and draws which samples to use on the host from a seed, so it changes
 * neither BatchNorm statistics nor the engine's random stream.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OutputSensitivity implements ImportanceEstimator {

    private final int samples;
    private final long seed;

    private OutputSensitivity(Builder builder) {
        this.samples = builder.samples;
        this.seed = builder.seed;
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public boolean looksAtGradients() {
        return false;
    }

    @Override
    public Map<String, NDArray> estimate(FinishedTask task) {
        GradientSums magnitudes = new GradientSums(task);
        SplittableRandom random = new SplittableRandom(seed);
        long left = task.sampleCount();
        long wanted = Math.min(samples, left);
        double used = (double) wanted;
        for (SampleBatch sample : task.samples(1)) {
            // Selection sampling (Knuth 3.4.2, algorithm S): every subset is equally likely.
            if (random.nextLong(left--) < wanted) {
                wanted--;
                backward(task, sample);
                magnitudes.add(NDArray::abs);
            }
        }
        Map<String, NDArray> sensitivity = magnitudes.byName();
        sensitivity.values().forEach(sum -> sum.divi(used));
        return sensitivity;
    }

    private static void backward(FinishedTask task, SampleBatch sample) {
        try (GradientCollector collector = task.newGradientCollector()) {
            collector.backward(squaredNorm(task.predict(sample.data())));
        }
    }

    /** Integers, such as the class that a model chose, have no gradient and do not count. */
    private static NDArray squaredNorm(NDList outputs) {
        NDArray norm = null;
        for (NDArray output : outputs) {
            if (output.getDataType().isFloating()) {
                NDArray square = output.square().sum();
                norm = norm == null ? square : norm.add(square);
            }
        }
        if (norm == null) {
            throw new EngramException(
                    "The sensitivity of outputs needs outputs of numbers, but the model gives %s"
                            .formatted(outputs));
        }
        return norm;
    }

    /** Builds an {@link OutputSensitivity}. */
    public static final class Builder {

        private int samples = 1000;
        private long seed = 1;

        Builder() {}

        /** Sets how many samples are used at most, 1 or more; 1000 unless set. */
        public Builder optSamples(int samples) {
            this.samples = samples;
            return this;
        }

        /** Sets the seed by which they are drawn from those that were kept; 1 unless set. */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Builds it.
         *
         * @throws InvalidOptionException if the number of samples is below 1
         */
        public OutputSensitivity build() {
            if (samples < 1) {
                throw new InvalidOptionException("optSamples(" + samples + "): give 1 or more");
            }
            return new OutputSensitivity(this);
        }
    }
}
