package dev.engram.examples;

import ai.djl.Model;
import ai.djl.metric.Metrics;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.Random;

/**
 * A recurrent network that forecasts a series step by step as a distribution, as DeepAR does: first
 * series with one season, then series with another.
 */
final class TrainTimeSeries implements Example {

    private static final int BATCH = 32;
    private static final int LENGTH = 24;
    private static final double NOISE = 0.1;
    private static final double ONE_SEASON = 12;
    private static final double ANOTHER_SEASON = 5;

    @Override
    public String strategy() {
        return "er";
    }

    @Override
    public Retention run(Setup setup, TrainingListener... engram)
            throws IOException, TranslateException {
        Random random = new Random(setup.seed());
        try (Model model = Model.newInstance("deepar")) {
            model.setBlock(block());
            NDManager manager = model.getNDManager();
            ArrayDataset slow = series(manager, ONE_SEASON, 500, random);
            ArrayDataset quick = series(manager, ANOTHER_SEASON, 500, random);
            fit(setup, model, series(manager, ONE_SEASON, 2_000, random), engram);
            double learnt = explained(model, slow);
            fit(setup, model, series(manager, ANOTHER_SEASON, 2_000, random), engram);
            return new Retention(
                    "explained variance of the next value",
                    learnt,
                    explained(model, slow),
                    explained(model, quick));
        }
    }

    private static void fit(
            Setup setup, Model model, ArrayDataset trainSet, TrainingListener... engram)
            throws IOException, TranslateException {
        try (Trainer trainer = model.newTrainer(setupTrainingConfig(engram))) {
            trainer.setMetrics(new Metrics());
            trainer.initialize(new Shape(1, LENGTH, 1));
            EasyTrain.fit(trainer, setup.either(4, 20), trainSet, null);
        }
    }

    /** What reads the past, and two outputs for each step: mean and log-variance of the next. */
    private static Block block() {
        return new SequentialBlock()
                .add(new LSTM.Builder().setStateSize(32).setNumLayers(1).build())
                .add(Linear.builder().setUnits(2).build());
    }

    private static TrainingConfig setupTrainingConfig(TrainingListener... engram) {
        return new DefaultTrainingConfig(new GaussianLoss())
                .optInitializer(new XavierInitializer(), Parameter.Type.WEIGHT)
                .optOptimizer(Optimizer.adam().optLearningRateTracker(Tracker.fixed(5e-3f)).build())
                .addTrainingListeners(TrainingListener.Defaults.basic())
                .addTrainingListeners(engram);
    }

    /** Draws noisy waves of one season, each with a phase and a height of its own. */
    private static ArrayDataset series(NDManager manager, double season, int count, Random random) {
        float[] past = new float[count * LENGTH];
        float[] next = new float[count * LENGTH];
        for (int i = 0; i < count; i++) {
            double phase = season * random.nextDouble();
            double height = 0.5 + random.nextDouble();
            for (int t = 0; t <= LENGTH; t++) {
                double wave = height * Math.sin(2 * Math.PI * (t + phase) / season);
                float value = (float) (wave + NOISE * random.nextGaussian());
                if (t < LENGTH) {
                    past[i * LENGTH + t] = value;
                }
                if (t > 0) {
                    next[i * LENGTH + t - 1] = value;
                }
            }
        }
        Shape shape = new Shape(count, LENGTH, 1);
        return new ArrayDataset.Builder()
                .setData(manager.create(past, shape))
                .optLabels(manager.create(next, shape))
                .setSampling(BATCH, true)
                .build();
    }

    /** Returns which share of the next values' variance the forecasts explain. */
    private static double explained(Model model, ArrayDataset tests)
            throws IOException, TranslateException {
        double missed = 0;
        double all = 0;
        try (NDManager own = model.getNDManager().newSubManager()) {
            ParameterStore store = new ParameterStore(own, false);
            for (var batch : tests.getData(own)) {
                try (batch) {
                    NDArray next = batch.getLabels().singletonOrThrow();
                    NDList outputs = model.getBlock().forward(store, batch.getData(), false);
                    NDArray mean = outputs.singletonOrThrow().get("..., :1");
                    missed += next.sub(mean).square().sum().getFloat();
                    all += next.square().sum().getFloat();
                }
            }
        }
        return 1 - missed / all;
    }

    /** The negative log-likelihood of a normal distribution, but for a constant, twice. */
    private static final class GaussianLoss extends Loss {

        GaussianLoss() {
            super("GaussianLoss");
        }

        @Override
        public NDArray evaluate(NDList labels, NDList predictions) {
            NDArray output = predictions.singletonOrThrow();
            NDArray logVariance = output.get("..., 1:");
            NDArray missed = labels.singletonOrThrow().sub(output.get("..., :1")).square();
            return missed.mul(logVariance.neg().exp()).add(logVariance).mean();
        }
    }
}
