package dev.engram.replay.strategy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.Random;

/** Two tasks of two classes each on one shared head of four: class-incremental and tiny. */
final class Toy {

    static final int FEATURES = 4;
    private static final int SAMPLES = 256;

    private Toy() {}

    static Model model() {
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("toy", Device.cpu());
        model.setBlock(
                new SequentialBlock()
                        .add(Linear.builder().setUnits(32).build())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(4).build()));
        return model;
    }

    /** Task 0 has classes 0 and 1, task 1 has 2 and 3; each class is a cloud of its own. */
    static ArrayDataset dataset(NDManager manager, int task) {
        Random random = new Random(7 + task);
        float[] data = new float[SAMPLES * FEATURES];
        long[] labels = new long[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            labels[i] = 2L * task + i % 2;
            for (int j = 0; j < FEATURES; j++) {
                double center = j == labels[i] ? 2 : 0;
                data[i * FEATURES + j] = (float) (center + 0.5 * random.nextGaussian());
            }
        }
        return new ArrayDataset.Builder()
                .setData(manager.create(data, new Shape(SAMPLES, FEATURES)))
                .optLabels(manager.create(labels))
                .setSampling(32, false)
                .build();
    }

    static void fit(Model model, int task, int epochs, TrainingListener... listeners) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            fit(model, dataset(manager, task), epochs, listeners);
        }
    }

    static void fit(Model model, Dataset dataset, int epochs, TrainingListener... listeners) {
        fit(model, Loss.softmaxCrossEntropyLoss(), dataset, epochs, listeners);
    }

    static void fit(
            Model model, Loss loss, Dataset dataset, int epochs, TrainingListener... listeners) {
        fit(1e-2f, model, loss, dataset, epochs, listeners);
    }

    /** Trains an epoch at a learning rate. */
    static void fitWithRate(float rate, Model model, int task, TrainingListener... listeners) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            Loss loss = Loss.softmaxCrossEntropyLoss();
            fit(rate, model, loss, dataset(manager, task), 1, listeners);
        }
    }

    private static void fit(
            float rate,
            Model model,
            Loss loss,
            Dataset dataset,
            int epochs,
            TrainingListener... listeners) {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(loss)
                        .optOptimizer(
                                Optimizer.adam()
                                        .optLearningRateTracker(Tracker.fixed(rate))
                                        .build())
                        .addTrainingListeners(listeners);
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(new Shape(32, FEATURES));
            EasyTrain.fit(trainer, epochs, dataset, null);
        } catch (java.io.IOException | ai.djl.translate.TranslateException e) {
            throw new AssertionError(e);
        }
    }

    static double accuracy(Model model, int task) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            ParameterStore store = new ParameterStore(manager, false);
            int right = 0;
            for (var batch : dataset(manager, task).getData(manager)) {
                NDArray out =
                        model.getBlock().forward(store, new NDList(batch.getData()), false).head();
                long[] found = out.argMax(1).toLongArray();
                long[] wanted = batch.getLabels().head().toLongArray();
                for (int i = 0; i < found.length; i++) {
                    right += found[i] == wanted[i] ? 1 : 0;
                }
            }
            return (double) right / SAMPLES;
        } catch (java.io.IOException | ai.djl.translate.TranslateException e) {
            throw new AssertionError(e);
        }
    }
}
