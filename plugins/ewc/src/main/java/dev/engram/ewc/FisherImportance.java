package dev.engram.ewc;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.engram.api.Experimental;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.importance.ImportanceEstimator;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

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
 * <p>Runs in evaluation mode and draws its random numbers on the host from a seed, so it changes
 * neither BatchNorm statistics nor the engine's random stream. Source: Kirkpatrick et al. 2017,
 * section 2.1; Martens 2020, section 9 on true and empirical Fisher.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class FisherImportance implements ImportanceEstimator {

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

    @Override
    public Map<String, NDArray> estimate(FinishedTask task) {
        Map<String, NDArray> sums = new LinkedHashMap<>();
        for (LiveParameter parameter : task.parameters()) {
            NDArray zeros = parameter.value().zerosLike();
            zeros.attach(task.scratch());
            sums.put(parameter.name(), zeros);
        }
        SplittableRandom random = new SplittableRandom(seed);
        ModelLabels drawn = new ModelLabels(random);
        boolean exact = estimator == FisherEstimator.EXACT;
        Sketch sketch = new Sketch(random);
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
                    sketch.backward(collector, task, batch, targets, predictions);
                }
            }
            addSquares(task, sums);
        }
        sums.values().forEach(sum -> sum.divi(task.sampleCount()));
        return sums;
    }

    private static void addSquares(FinishedTask task, Map<String, NDArray> sums) {
        for (LiveParameter parameter : task.parameters()) {
            NDArray sum = sums.get(parameter.name());
            try (NDArray gradient = parameter.gradient();
                    NDArray square = gradient.square()) {
                if (sum != null) {
                    sum.addi(square);
                }
                gradient.subi(gradient);
            }
        }
    }

    /** One signed backward pass a batch. */
    private static final class Sketch {

        private final SplittableRandom random;
        private boolean known;
        private boolean mean;

        Sketch(SplittableRandom random) {
            this.random = random;
        }

        void backward(
                GradientCollector collector,
                FinishedTask task,
                SampleBatch batch,
                NDList targets,
                NDList predictions) {
            if (!known) {
                mean = LossReduction.isMean(collector, task, targets, predictions);
                known = true;
            }
            NDManager manager = batch.manager();
            NDList deltas = LossGradient.of(collector, task, targets, predictions, manager);
            NDArray signs = signs(batch.size(), mean ? batch.size() : 1, manager);
            NDArray signed = manager.create(0f);
            for (int i = 0; i < deltas.size(); i++) {
                NDArray prediction = predictions.get(i);
                NDArray weights = deltas.get(i).mul(column(signs, prediction));
                weights.attach(manager);
                signed = signed.add(weights.stopGradient().mul(prediction).sum());
            }
            collector.backward(signed);
        }

        private NDArray signs(int size, float scale, NDManager manager) {
            float[] signs = new float[size];
            for (int i = 0; i < size; i++) {
                signs[i] = random.nextBoolean() ? scale : -scale;
            }
            return manager.create(signs);
        }

        /** Shapes one sign a sample to multiply a prediction; several rows a sample share it. */
        private static NDArray column(NDArray signs, NDArray prediction) {
            long[] dimensions = new long[prediction.getShape().dimension()];
            Arrays.fill(dimensions, 1);
            dimensions[0] = signs.size();
            return signs.reshape(new Shape(dimensions)).toType(prediction.getDataType(), false);
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
         * @throws IllegalArgumentException if the batch size is below 1
         */
        public FisherImportance build() {
            if (batchSize < 1) {
                throw new IllegalArgumentException(
                        "optBatchSize(" + batchSize + "): give 1 or more");
            }
            return new FisherImportance(this);
        }
    }
}
