package dev.engram.benchmark;

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
import dev.engram.djl.ForgettingListener;
import dev.engram.ewc.FisherEstimator;
import dev.engram.ewc.FisherImportance;
import dev.engram.scenarios.DeviceImages;
import dev.engram.scenarios.Mlp;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.SequenceRun;
import dev.engram.scenarios.TrainAndTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Measures the sketched Fisher against the exact one: seconds, sum, correlation. */
final class FisherCost {

    private static final int REPEATS = 7;
    private static final int[] SAMPLES = {1000, 5000};
    private static final int[] BATCH_SIZES = {8, 16, 32, 64, 128, 256};

    private final Protocol shape;
    private final TrainAndTest images;

    FisherCost(Protocol shape, TrainAndTest images) {
        this.shape = shape;
        this.images = images;
    }

    List<RunResult> run() {
        Engine.getInstance().setRandomSeed(1);
        List<RunResult> results = new ArrayList<>();
        try (Model model = Mlp.model(shape.hidden(), images.train().classes());
                DeviceImages data = new DeviceImages(images.train(), model.getNDManager())) {
            train(model, data);
            for (int samples : SAMPLES) {
                TimedFisher exact = measure(model, data, exact(), samples);
                results.add(report("exact", 1, samples, exact, exact));
                for (int batchSize : BATCH_SIZES) {
                    FisherImportance sketch =
                            FisherImportance.builder().optBatchSize(batchSize).build();
                    TimedFisher found = measure(model, data, sketch, samples);
                    for (int i = 1; i < REPEATS; i++) {
                        found.keepFaster(measure(model, data, sketch, samples));
                    }
                    results.add(report("sketched", batchSize, samples, found, exact));
                }
            }
        }
        return results;
    }

    private static FisherImportance exact() {
        return FisherImportance.builder().optEstimator(FisherEstimator.EXACT).build();
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
            String estimator, int batchSize, int samples, TimedFisher found, TimedFisher exact) {
        RunResult result = new RunResult(shape.name(), null, estimator, null);
        result.samples = samples;
        result.batchSize = batchSize;
        result.fisherSeconds = found.seconds();
        result.sumOverExact = found.sum() / exact.sum();
        result.correlation = found.correlation(exact);
        System.out.printf(
                "%s Fisher of %s, %d samples, batch %d: %.3f s (%.0f times faster than exact), sum"
                        + " %.3f of the exact, correlation %.3f%n",
                estimator,
                shape.hidden(),
                samples,
                batchSize,
                found.seconds(),
                exact.seconds() / found.seconds(),
                result.sumOverExact,
                result.correlation);
        return result;
    }
}
