package dev.engram.djl;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A small model over points in four dimensions, for tests of a training's course. */
final class Points {

    static final int SAMPLES = 64;
    static final int BATCH = 16;

    private Points() {}

    static Block mlp() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(16).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(2).build());
    }

    static Model model(int seed) {
        Engine.getInstance().setRandomSeed(seed);
        Model model = Model.newInstance("points", Device.cpu());
        model.setBlock(mlp());
        return model;
    }

    /** Two classes, told by the sign of one feature; each of two tasks has two features. */
    static ArrayDataset dataset(NDManager manager, int task) {
        NDArray data = inputs(manager, task, SAMPLES);
        NDArray labels = data.get(":, " + 2 * (task % 2)).gt(0).toType(data.getDataType(), true);
        return new ArrayDataset.Builder()
                .setData(data)
                .optLabels(labels)
                .setSampling(BATCH, false)
                .build();
    }

    static NDArray inputs(NDManager manager, int task, int samples) {
        float[] own = task % 2 == 0 ? new float[] {1, 1, 0, 0} : new float[] {0, 0, 1, 1};
        return manager.randomNormal(new Shape(samples, 4)).mul(manager.create(own));
    }

    static DefaultTrainingConfig config(float rate, TrainingListener... listeners) {
        return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .optOptimizer(Optimizer.sgd().setLearningRateTracker(Tracker.fixed(rate)).build())
                .addTrainingListeners(listeners);
    }

    static Trainer trainer(Model model, TrainingListener... listeners) {
        Trainer trainer = model.newTrainer(config(0.1f, listeners));
        trainer.initialize(new Shape(BATCH, 4));
        return trainer;
    }

    static void fit(Trainer trainer, int task, int epochs) {
        try (NDManager manager = trainer.getModel().getNDManager().newSubManager()) {
            EasyTrain.fit(trainer, epochs, dataset(manager, task), null);
        } catch (java.io.IOException | ai.djl.translate.TranslateException e) {
            throw new AssertionError(e);
        }
    }

    static void fit(Model model, int task, TrainingListener... listeners) {
        try (Trainer trainer = trainer(model, listeners)) {
            fit(trainer, task, 1);
        }
    }

    /** Returns what the log says meanwhile. */
    static String said(Runnable work) {
        PrintStream standard = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            work.run();
        } finally {
            System.setErr(standard);
        }
        return said.toString(StandardCharsets.UTF_8);
    }
}
