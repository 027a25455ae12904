package dev.engram.gradientprojection;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
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
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.Random;

/** Small problems that the tests share: points in eight dimensions, four classes by two signs. */
final class Toy {

    static final int FEATURES = 8;
    static final int CLASSES = 4;

    private Toy() {}

    static Block mlp() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(32).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(CLASSES).build());
    }

    static Model model(Block block) {
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("toy", Device.cpu());
        model.setBlock(block);
        return model;
    }

    /** The class is told by the signs of two features; each task looks at two others. */
    static ArrayDataset dataset(NDManager manager, int task, int samples) {
        Random random = new Random(100 + task);
        float[] data = new float[samples * FEATURES];
        float[] labels = new float[samples];
        for (int i = 0; i < samples; i++) {
            for (int j = 0; j < FEATURES; j++) {
                boolean own = j / 2 == task;
                boolean shared = j >= 4;
                data[i * FEATURES + j] =
                        (float)
                                (own
                                        ? random.nextGaussian()
                                        : shared
                                                ? 2 * (task % 2) - 1 + 0.5 * random.nextGaussian()
                                                : 0);
            }
            int first = data[i * FEATURES + 2 * task] > 0 ? 1 : 0;
            int second = data[i * FEATURES + 2 * task + 1] > 0 ? 1 : 0;
            // Odd tasks reverse the meaning, so that the shared output layer must choose.
            labels[i] = task % 2 == 0 ? 2 * first + second : 3 - (2 * first + second);
        }
        return new ArrayDataset.Builder()
                .setData(manager.create(data, new Shape(samples, FEATURES)))
                .optLabels(manager.create(labels))
                .setSampling(32, false)
                .build();
    }

    /** Returns the inputs of {@link #dataset} alone. */
    static NDArray features(NDManager manager, int task, int samples) {
        NDArray features = manager.create(new Shape(samples, FEATURES));
        try {
            int row = 0;
            for (Batch batch : dataset(manager, task, samples).getData(manager)) {
                int end = row + batch.getSize();
                features.set(new NDIndex(row + ":" + end), batch.getData().head());
                row = end;
                batch.close();
            }
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
        return features;
    }

    static Optimizer adam() {
        return Optimizer.adam().optLearningRateTracker(Tracker.fixed(5e-3f)).build();
    }

    static Optimizer sgd(float rate) {
        return Optimizer.sgd().setLearningRateTracker(Tracker.fixed(rate)).build();
    }

    static Trainer trainer(Model model, Optimizer optimizer, TrainingListener... listeners) {
        Trainer trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .optOptimizer(optimizer)
                                .addTrainingListeners(listeners));
        trainer.initialize(new Shape(32, FEATURES));
        return trainer;
    }

    static void fit(
            Model model, int task, int epochs, Optimizer optimizer, TrainingListener... listeners) {
        try (NDManager manager = model.getNDManager().newSubManager();
                Trainer trainer = trainer(model, optimizer, listeners)) {
            EasyTrain.fit(trainer, epochs, dataset(manager, task, 512), null);
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    static double accuracy(Model model, int task) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            ParameterStore store = new ParameterStore(manager, false);
            int right = 0;
            int all = 0;
            for (var batch : dataset(manager, task, 512).getData(manager)) {
                NDArray out = model.getBlock().forward(store, batch.getData(), false).head();
                NDArray hit =
                        out.argMax(1)
                                .toType(DataType.FLOAT32, false)
                                .eq(batch.getLabels().head())
                                .toType(DataType.INT64, false);
                right += (int) hit.sum().getLong();
                all += batch.getSize();
            }
            return (double) right / all;
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    static double loss(Model model, int task) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            ParameterStore store = new ParameterStore(manager, false);
            double sum = 0;
            for (var batch : dataset(manager, task, 512).getData(manager)) {
                sum +=
                        Loss.softmaxCrossEntropyLoss()
                                .evaluate(
                                        batch.getLabels(),
                                        model.getBlock().forward(store, batch.getData(), false))
                                .getFloat();
            }
            return sum / 16;
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    static boolean finite(Model model) {
        return model.getBlock().getParameters().values().stream()
                .allMatch(p -> Float.isFinite(p.getArray().sum().getFloat()));
    }
}
