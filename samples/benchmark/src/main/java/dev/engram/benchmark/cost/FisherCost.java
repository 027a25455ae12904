package dev.engram.benchmark.cost;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.benchmark.results.RunResult;
import dev.engram.djl.ForgettingListener;
import dev.engram.ewc.FisherEstimator;
import dev.engram.ewc.FisherImportance;
import dev.engram.scenarios.Mlp;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.SequenceRun;
import dev.engram.scenarios.images.DeviceImages;
import dev.engram.scenarios.images.TrainAndTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.commons.statistics.descriptive.DoubleStatistics;
import org.apache.commons.statistics.descriptive.Statistic;

/** Measures the sketched Fisher against the exact one: seconds, sum, correlation. */
public final class FisherCost {

    private static final int SEEDS = 10;
    private static final DoubleStatistics.Builder FIGURES =
            DoubleStatistics.builder(
                    Statistic.MIN, Statistic.MAX, Statistic.MEAN, Statistic.STANDARD_DEVIATION);
    private static final int[] SAMPLES = {1000, 5000};
    private static final int[] BATCH_SIZES = {8, 16, 32, 64, 128, 256};

    private final Protocol shape;
    private final TrainAndTest images;

    public FisherCost(Protocol shape, TrainAndTest images) {
        this.shape = shape;
        this.images = images;
    }

    public List<RunResult> run() {
        Engine.getInstance().setRandomSeed(1);
        List<RunResult> results = new ArrayList<>();
        try (Model model = Mlp.model(shape.hidden(), images.train().classes());
                DeviceImages data = new DeviceImages(images.train(), model.getNDManager())) {
            train(model, data);
            for (int samples : SAMPLES) {
                Repeated exact = repeat(model, data, samples, 3, FisherCost::exact);
                results.add(report("exact", 1, samples, exact, exact));
                for (int size : BATCH_SIZES) {
                    Repeated found =
                            repeat(model, data, samples, SEEDS, seed -> sketched(size, seed));
                    results.add(report("sketched", size, samples, found, exact));
                }
            }
        }
        return results;
    }

    private static FisherImportance exact(int seed) {
        return FisherImportance.builder().optEstimator(FisherEstimator.EXACT).optSeed(seed).build();
    }

    private static FisherImportance sketched(int batchSize, int seed) {
        return FisherImportance.builder().optBatchSize(batchSize).optSeed(seed).build();
    }

    private static Repeated repeat(
            Model model,
            DeviceImages data,
            int samples,
            int times,
            IntFunction<FisherImportance> fisher) {
        return new Repeated(
                IntStream.rangeClosed(1, times)
                        .mapToObj(seed -> measure(model, data, fisher.apply(seed), samples))
                        .toList());
    }

    private void train(Model model, DeviceImages data) {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(
                                Optimizer.adam()
                                        .optLearningRateTracker(Tracker.fixed(shape.learningRate()))
                                        .build());
        Random random = new Random(1);
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(new Shape(shape.batchSize(), images.train().features()));
            for (int step = 0; step < shape.iterations(); step++) {
                try (Batch batch = data.batch(shape.batchSize(), random, trainer.getManager())) {
                    SequenceRun.step(trainer, batch);
                }
            }
        }
    }

    private static TimedFisher measure(
            Model model, DeviceImages data, FisherImportance fisher, int samples) {
        TimedFisher guard = new TimedFisher(fisher);
        try (ForgettingListener listener =
                        ForgettingListener.builder()
                                .addGuard(guard)
                                .optSampleCapacity(samples)
                                .build();
                NDArray pixels = data.pixels().get("0:" + samples);
                NDArray labels = data.labels().get("0:" + samples)) {
            ArrayDataset dataset =
                    new ArrayDataset.Builder()
                            .setData(pixels)
                            .optLabels(labels)
                            .setSampling(1000, false)
                            .build();
            listener.remember(model, dataset);
        }
        return guard;
    }

    private RunResult report(
            String estimator, int batchSize, int samples, Repeated found, Repeated exact) {
        TimedFisher truth = exact.runs().get(0);
        RunResult result = new RunResult(shape.name(), null, estimator, null);
        result.samples = samples;
        result.batchSize = batchSize;
        result.fisherSeconds = found.of(TimedFisher::seconds).getAsDouble(Statistic.MIN);
        DoubleStatistics sums = found.of(run -> run.sum() / truth.sum());
        result.sumOverExact = sums.getAsDouble(Statistic.MEAN);
        result.sumOverExactDeviation = sums.getAsDouble(Statistic.STANDARD_DEVIATION);
        result.correlation = found.of(run -> run.correlation(truth)).getAsDouble(Statistic.MIN);
        System.out.printf(
                "%s Fisher of %s, %d samples, batch %d, %d seeds: fastest %.3f s (%.0f times faster"
                        + " than exact), sum over exact %.3f +- %.3f a seed (%.3f to %.3f), least"
                        + " correlation %.3f%n",
                estimator,
                shape.hidden(),
                samples,
                batchSize,
                found.runs().size(),
                result.fisherSeconds,
                exact.of(TimedFisher::seconds).getAsDouble(Statistic.MIN) / result.fisherSeconds,
                sums.getAsDouble(Statistic.MEAN),
                sums.getAsDouble(Statistic.STANDARD_DEVIATION),
                sums.getAsDouble(Statistic.MIN),
                sums.getAsDouble(Statistic.MAX),
                result.correlation);
        return result;
    }

    /** The same Fisher under several seeds. */
    private record Repeated(List<TimedFisher> runs) {

        DoubleStatistics of(ToDoubleFunction<TimedFisher> figure) {
            return FIGURES.build(runs.stream().mapToDouble(figure).toArray());
        }
    }
}
