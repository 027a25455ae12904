package dev.engram.ewc;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.guard.StepBatch;
import dev.engram.api.guard.StepView;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.kit.autograd.GradientSums;
import java.util.Map;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The diagonal of the Fisher information: {@code F = 1/N Σ (∂ loss(sample) / ∂θ)²}, each sample's
 * gradient squared on its own, in units of the loss per squared parameter.
 *
 * <p>Squaring a batch's mean gradient instead, as is often seen, is too small by up to the square
 * of the batch size. The sketched estimator multiplies the loss gradient of each sample, taken at
 * the detached predictions, by an independent random sign, propagates it back once for a batch of
 * {@code B}, and squares what arrives: {@code E[(Σ s g)²] = Σ g²}, without bias for any batch size.
 * Its variance for one element and one batch is {@code 2 ((Σ g²)² - Σ g⁴)}, at most twice the
 * square of what it estimates; over {@code N/B} batches the relative standard error of an element
 * is thus at most {@code √(2B/N)}: smaller batches are more exact and slower.
 *
 * <p>A sample's gradient is that of the loss of this sample alone, in both estimators, so losses
 * that mask padding, weigh samples or normalise over a batch are asked once a sample, and at most
 * as often as the listener keeps samples of a task; see {@link FisherEstimator#SKETCHED}. Outputs
 * of several rows a sample, {@code (B·T, V)}, are told apart by their factor; where outputs cannot
 * be told apart, as a scalar, one sample a pass is used.
 *
 * <p>Runs in evaluation mode and draws its random numbers on the host from a seed, so it changes
 * neither BatchNorm statistics nor the engine's random stream. Source: Kirkpatrick et al. 2017,
 * section 2.1; Martens 2020, section 9 on true and empirical Fisher.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class FisherImportance implements ImportanceEstimator {

    private static final Logger LOG = LoggerFactory.getLogger(FisherImportance.class);

    private final FisherEstimator estimator;
    private final FisherLabels labels;
    private final int batchSize;
    private final long seed;

    private FisherImportance(Builder builder) {
        this.estimator = builder.estimator;
        this.labels = builder.labels;
        this.batchSize = builder.batchSize;
        this.seed = builder.seed;
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** Refuses, before the first step, what labels cannot be drawn from the model for. */
    @Override
    public void onBackward(StepView step) {
        if (labels == FisherLabels.MODEL && step.step() == 1) {
            for (StepBatch batch : step.batches()) {
                if (!batch.predictions().isEmpty()) {
                    ModelLabels.require(step.loss(), batch.labels(), batch.predictions());
                }
            }
        }
    }

    @Override
    public boolean looksAtGradients() {
        return false;
    }

    @Override
    public Map<String, NDArray> estimate(FinishedTask task) {
        GradientSums squares = new GradientSums(task);
        SplittableRandom random = new SplittableRandom(seed);
        ModelLabels drawn = new ModelLabels(random, task.loss());
        boolean exact = estimator == FisherEstimator.EXACT || !tellsSamplesApart(task);
        Sketch sketch = new Sketch(random, task.loss());
        for (SampleBatch batch : task.samples(exact ? 1 : batchSize)) {
            try (GradientCollector collector = task.newGradientCollector()) {
                NDList predictions = task.predict(batch.data());
                NDList targets =
                        labels == FisherLabels.DATA
                                ? batch.labels()
                                : drawn.draw(batch.labels(), predictions, batch.manager());
                if (exact) {
                    collector.backward(task.loss().evaluate(targets, predictions));
                } else {
                    sketch.backward(collector, batch, targets, predictions);
                }
            }
            squares.add(NDArray::square);
        }
        Map<String, NDArray> fisher = squares.byName();
        fisher.values().forEach(sum -> sum.divi(task.sampleCount()));
        return fisher;
    }

    /** Runs the model once: its outputs may be scalars of a batch, or rows of no whole number. */
    private boolean tellsSamplesApart(FinishedTask task) {
        SampleBatch first = task.samples(batchSize).iterator().next();
        NDList predictions = task.predict(first.data());
        try (NDManager passed = first.manager()) {
            predictions.attach(passed);
            boolean fits = Sketch.fits(predictions, first.size());
            if (!fits) {
                LOG.info(
                        "The model's outputs do not tell {} samples apart, so the Fisher is"
                                + " computed with one sample a pass (estimator = exact)",
                        first.size());
            }
            return fits;
        }
    }

    /** Builds a {@link FisherImportance}. */
    public static final class Builder {

        private FisherEstimator estimator = FisherEstimator.SKETCHED;
        private FisherLabels labels = FisherLabels.DATA;
        private int batchSize = 64;
        private long seed = 1;

        Builder() {}

        /** Sets how it is computed; sketched unless set. */
        public Builder optEstimator(FisherEstimator estimator) {
            this.estimator = estimator;
            return this;
        }

        /** Sets under which labels; the data's unless set. */
        public Builder optLabels(FisherLabels labels) {
            this.labels = labels;
            return this;
        }

        /** Sets the batch size of the sketch, 1 or more; 64 unless set. */
        public Builder optBatchSize(int batchSize) {
            this.batchSize = batchSize;
            return this;
        }

        /** Sets the seed of signs and drawn labels; 1 unless set. */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Builds it.
         *
         * @throws InvalidOptionException if the batch size is below 1
         */
        public FisherImportance build() {
            if (batchSize < 1) {
                throw new InvalidOptionException("optBatchSize(" + batchSize + "): give 1 or more");
            }
            return new FisherImportance(this);
        }
    }
}
