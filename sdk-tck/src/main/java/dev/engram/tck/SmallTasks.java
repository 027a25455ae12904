package dev.engram.tck;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
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
import dev.engram.api.Experimental;
import dev.engram.kit.autograd.RequiredEngine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

/**
 * Small tasks on which a network of 420 weights forgets within a second: points in eight
 * dimensions, four classes.
 *
 * <p>Task {@code t}, 0 to 3, tells the class by the signs of features {@code 2t} and {@code 2t+1};
 * odd tasks reverse the meaning, so that the shared head must choose. {@link #PART} is a fifth one.
 * The same seed gives the same model and the same data.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class SmallTasks {

    /** How many features a point has. */
    public static final int FEATURES = 8;

    /** How many classes, and outputs of the models. */
    public static final int CLASSES = 4;

    /** How many points a task has to train on. */
    public static final int SAMPLES = 512;

    /** The task of other points of the first one's, of its classes 0 and 1 alone. */
    public static final int PART = 4;

    /** How many epochs the first task takes until it is learnt. */
    static final int FIRST_EPOCHS = 10;

    /** How many epochs of the second task make a network forget the first. */
    static final int LATER_EPOCHS = 40;

    /** By how much more than the unguarded control a guarded model must know. */
    static final double MARGIN = 0.02;

    private static final int BATCH = 32;
    private static final int HIDDEN = 32;
    private static final float RATE = 5e-3f;

    private SmallTasks() {}

    /** Returns a fresh model of two layers, of the same values each time; the caller closes it. */
    public static Model model() {
        return model(
                new SequentialBlock()
                        .add(Linear.builder().setUnits(HIDDEN).build())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(CLASSES).build()));
    }

    /** Returns a model of a block, whose first trainer draws the same values each time. */
    public static Model model(Block block) {
        String engine = RequiredEngine.get().getEngineName();
        Model model = Model.newInstance("small-tasks", Device.cpu(), engine);
        model.setBlock(block);
        return model;
    }

    /**
     * Returns a TorchScript model that trains; the caller closes it.
     *
     * <p>It was scripted in PyTorch of Linear(8, 16), BatchNorm1d(16), ReLU, Dropout(0.5) and
     * Linear(16, 4), with random weights of seed 0.
     */
    public static Model torchScript() {
        String engine = RequiredEngine.get("PyTorch").getEngineName();
        Model model = Model.newInstance("scripted-mlp", Device.cpu(), engine);
        try {
            load(model);
            return model;
        } catch (IOException | MalformedModelException e) {
            model.close();
            throw new AssertionError(e);
        }
    }

    /** From a file: of a stream DJL does not read {@code trainParam}, and nothing would train. */
    private static void load(Model model) throws IOException, MalformedModelException {
        Path folder = Files.createTempDirectory("small-tasks");
        Path file = folder.resolve("scripted-mlp.pt");
        try (InputStream resource = SmallTasks.class.getResourceAsStream("scripted-mlp.pt")) {
            Files.copy(resource, file);
            model.load(folder, "scripted-mlp", Map.of("trainParam", "true"));
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    /** Returns the points of a task in batches of 32, always in the same order. */
    public static ArrayDataset dataset(NDManager manager, int task) {
        return dataset(manager, task, SAMPLES);
    }

    /** Returns the first points of a task, however many, in batches as the other one does. */
    public static ArrayDataset dataset(NDManager manager, int task, int samples) {
        float[] points = points(task, samples);
        return new ArrayDataset.Builder()
                .setData(manager.create(points, new Shape(samples, FEATURES)))
                .optLabels(manager.create(labels(task, points)))
                .setSampling(BATCH, false)
                .build();
    }

    /** Returns the points of a task as one batch. */
    public static NDList inputs(NDManager manager, int task) {
        return new NDList(manager.create(points(task, SAMPLES), new Shape(SAMPLES, FEATURES)));
    }

    /** Returns a trainer with Adam; the caller closes it. */
    public static Trainer trainer(Model model, TrainingListener... listeners) {
        return trainer(model, adam(), listeners);
    }

    /** Returns a trainer with an optimizer; the caller closes it. */
    public static Trainer trainer(Model model, Optimizer optimizer, TrainingListener... listeners) {
        Trainer trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .optOptimizer(optimizer)
                                .addTrainingListeners(listeners));
        if (!model.getBlock().isInitialized()) {
            Engine.getInstance().setRandomSeed(1);
        }
        trainer.initialize(new Shape(BATCH, FEATURES));
        return trainer;
    }

    /** Trains a task with a trainer of its own, as DJL's examples do. */
    public static void fit(Model model, int task, int epochs, TrainingListener... listeners) {
        fit(model, task, epochs, adam(), listeners);
    }

    /** Trains a task with a trainer of its own and an optimizer. */
    public static void fit(
            Model model, int task, int epochs, Optimizer optimizer, TrainingListener... listeners) {
        try (NDManager manager = model.getNDManager().newSubManager();
                Trainer trainer = trainer(model, optimizer, listeners)) {
            EasyTrain.fit(trainer, epochs, dataset(manager, task), null);
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    private static Optimizer adam() {
        return Optimizer.adam().optLearningRateTracker(Tracker.fixed(RATE)).build();
    }

    /** Runs steps of a task. */
    public static void steps(Trainer trainer, int task, int steps) {
        int done = 0;
        try (NDManager manager = trainer.getManager().newSubManager()) {
            while (done < steps) {
                for (Batch batch : dataset(manager, task).getData(manager)) {
                    if (done++ < steps) {
                        EasyTrain.trainBatch(trainer, batch);
                        trainer.step();
                    }
                    batch.close();
                }
            }
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns the share of a task's points that a model tells right, 0 to 1. */
    public static double accuracy(Model model, int task) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDArray outputs =
                    model.getBlock()
                            .forward(
                                    new ParameterStore(manager, false),
                                    inputs(manager, task),
                                    false)
                            .head();
            NDArray labels = manager.create(labels(task, points(task, SAMPLES)));
            NDArray hits = outputs.argMax(1).toType(DataType.FLOAT32, false).eq(labels);
            return hits.toType(DataType.FLOAT32, false).mean().getFloat();
        }
    }

    private static float[] points(int task, int samples) {
        Random random = new Random(100 + task);
        return task == PART ? part(samples, random) : points(task, samples, random);
    }

    /** The first class bit is the sign of feature 0. */
    private static float[] part(int samples, Random random) {
        float[] points = points(0, samples, random);
        for (int i = 0; i < points.length; i += FEATURES) {
            points[i] = -Math.abs(points[i]);
        }
        return points;
    }

    private static float[] points(int task, int samples, Random random) {
        float[] points = new float[samples * FEATURES];
        for (int i = 0; i < points.length; i++) {
            int feature = i % FEATURES;
            if (feature / 2 == task) {
                points[i] = (float) random.nextGaussian();
            } else if (feature >= FEATURES / 2) {
                points[i] = (float) (2 * (task % 2) - 1 + 0.5 * random.nextGaussian());
            }
        }
        return points;
    }

    private static float[] labels(int task, float[] points) {
        int told = task == PART ? 0 : task;
        float[] labels = new float[points.length / FEATURES];
        for (int i = 0; i < labels.length; i++) {
            int first = points[i * FEATURES + 2 * told] > 0 ? 1 : 0;
            int second = points[i * FEATURES + 2 * told + 1] > 0 ? 1 : 0;
            int sum = 2 * first + second;
            labels[i] = told % 2 == 0 ? sum : CLASSES - 1 - sum;
        }
        return labels;
    }
}
