package dev.engram.analytic;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.Random;

/** A cloud of points a class, in eight dimensions; two classes a task, on one head. */
final class Blobs {

    static final int INPUTS = 8;
    static final int CLASSES = 6;
    static final int OUTPUTS = 10;

    private static final int SAMPLES = 240;

    private Blobs() {}

    static float[] points(int task, int samples) {
        Random random = new Random(7 + task);
        float[] data = new float[samples * INPUTS];
        for (int i = 0; i < data.length; i++) {
            int label = label(task, i / INPUTS);
            double centre = new Random(31L * label + i % INPUTS).nextGaussian();
            data[i] = (float) (2 * centre + 0.7 * random.nextGaussian());
        }
        return data;
    }

    private static int label(int task, int sample) {
        return 2 * task + sample % 2;
    }

    static NDArray features(NDManager manager, int task) {
        return manager.create(points(task, SAMPLES), new Shape(SAMPLES, INPUTS));
    }

    static NDArray labels(NDManager manager, int task) {
        float[] labels = new float[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            labels[i] = label(task, i);
        }
        return manager.create(labels);
    }

    static ArrayDataset dataset(NDManager manager, int task) {
        return new ArrayDataset.Builder()
                .setData(features(manager, task))
                .optLabels(labels(manager, task))
                .setSampling(32, true)
                .build();
    }

    static Block mlp() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(32).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(OUTPUTS).build());
    }

    static Block random(int features) {
        return new SequentialBlock()
                .add(RandomFeatures.block(features, 3))
                .add(Linear.builder().setUnits(OUTPUTS).build());
    }

    static Model model(Block block) {
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("blobs", Device.cpu());
        model.setBlock(block);
        return model;
    }

    static Trainer trainer(Model model, TrainingListener... listeners) {
        Trainer trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .optOptimizer(
                                        Optimizer.adam()
                                                .optLearningRateTracker(Tracker.fixed(1e-2f))
                                                .build())
                                .addTrainingListeners(listeners));
        trainer.initialize(new Shape(32, INPUTS));
        return trainer;
    }

    static void fit(Model model, int task, int epochs, TrainingListener... listeners) {
        try (NDManager manager = model.getNDManager().newSubManager();
                Trainer trainer = trainer(model, listeners)) {
            EasyTrain.fit(trainer, epochs, dataset(manager, task), null);
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns the logits for the points of all tasks. */
    static float[] outputs(Model model) {
        try (NDManager scratch = model.getNDManager().newSubManager()) {
            NDList all = new NDList();
            for (int task = 0; task < CLASSES / 2; task++) {
                ParameterStore store = new ParameterStore(scratch, false);
                NDList inputs = new NDList(features(scratch, task));
                all.add(model.getBlock().forward(store, inputs, false).head());
            }
            return NDArrays.concat(all).toFloatArray();
        }
    }

    static double accuracy(Model model, int task) {
        float[] outputs = outputs(model);
        int right = 0;
        for (int i = 0; i < SAMPLES; i++) {
            int row = (task * SAMPLES + i) * OUTPUTS;
            int best = 0;
            for (int j = 1; j < OUTPUTS; j++) {
                best = outputs[row + j] > outputs[row + best] ? j : best;
            }
            right += best == label(task, i) ? 1 : 0;
        }
        return (double) right / SAMPLES;
    }

    /** Returns the first parameters of a model, which are its base's. */
    static float[] base(Model model) {
        return model.getBlock().getParameters().get(0).getValue().getArray().toFloatArray();
    }
}
