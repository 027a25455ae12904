package dev.engram.quickstart.loop;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.kit.autograd.Scaled;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A training loop of one's own, whose order of things the tests change. */
final class Loop implements AutoCloseable {

    static final int FEATURES = 6;
    static final int CLASSES = 4;

    final Model model;
    Trainer trainer;

    /** By what the loop divides each loss. */
    double divisor = 1;

    private Loop(Block block) {
        Engine.getInstance().setRandomSeed(3);
        model = Model.newInstance("loop", Device.cpu());
        model.setBlock(block);
    }

    static Loop of(Block block) {
        return new Loop(block);
    }

    static Block mlp() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(16).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(CLASSES).build());
    }

    static Loss loss(double weight) {
        return new SoftmaxCrossEntropyLoss("loss", (float) weight, -1, true, true);
    }

    /** The same, but the weight is never garbage before the backward pass, as DJL's may be. */
    static Loss scaledLoss(double weight) {
        return new SoftmaxCrossEntropyLoss("loss") {
            @Override
            public NDArray evaluate(NDList labels, NDList predictions) {
                return Scaled.by(weight, super.evaluate(labels, predictions));
            }
        };
    }

    void begin(TrainingListener... listeners) {
        begin(loss(1), 0.2f, listeners);
    }

    void begin(Loss loss, float rate, TrainingListener... listeners) {
        trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(loss)
                                .optOptimizer(
                                        Optimizer.sgd()
                                                .setLearningRateTracker(Tracker.fixed(rate))
                                                .build())
                                .addTrainingListeners(listeners));
        trainer.initialize(new Shape(2, FEATURES));
    }

    /** Runs an epoch of {@code groups} steps over {@code parts} batches each. */
    void epoch(int task, int groups, int parts, int size) {
        for (int group = 0; group < groups; group++) {
            float[][] data = data(task, group, size * parts);
            for (int part = 0; part < parts; part++) {
                backward(data, part * size, size);
            }
            trainer.step();
        }
        endEpoch();
    }

    void endEpoch() {
        trainer.notifyListeners(listener -> listener.onEpoch(trainer));
    }

    /** Goes forward and back with some rows, tells the listeners, and closes the batch. */
    void backward(float[][] rows, int from, int size) {
        NDManager manager = trainer.getManager().newSubManager();
        NDArray data = manager.create(new Shape(size, FEATURES));
        float[] flat = new float[size * FEATURES];
        float[] classes = new float[size];
        for (int i = 0; i < size; i++) {
            System.arraycopy(rows[from + i], 0, flat, i * FEATURES, FEATURES);
            classes[i] = rows[from + i][FEATURES];
        }
        data.set(flat);
        NDList inputs = new NDList(data);
        NDList labels = new NDList(manager.create(classes));
        try (Batch batch = new Batch(manager, inputs, labels, size, null, null, 0, 0)) {
            NDList outputs;
            try (GradientCollector collector = trainer.newGradientCollector()) {
                outputs = trainer.forward(inputs, labels);
                NDArray loss = trainer.getLoss().evaluate(labels, outputs);
                collector.backward(
                        divisor == 1 ? loss : loss.mul(manager.create((float) (1 / divisor))));
            }
            Device device = Device.cpu();
            BatchData seen = new BatchData(batch, Map.of(device, labels), Map.of(device, outputs));
            trainer.notifyListeners(listener -> listener.onTrainingBatch(trainer, seen));
        }
    }

    /** Sets all gradients to zero, as a loop does by hand. */
    void zero() {
        for (Parameter parameter : model.getBlock().getParameters().values()) {
            if (parameter.getArray().hasGradient()) {
                try (NDArray gradient = parameter.getArray().getGradient()) {
                    gradient.set(new NDIndex("..."), 0);
                }
            }
        }
    }

    /** Returns rows of features, the class behind them. */
    static float[][] data(int task, int group, int size) {
        Random random = new Random(1000L * task + group);
        float[][] rows = new float[size][FEATURES + 1];
        for (float[] row : rows) {
            for (int j = 0; j < FEATURES; j++) {
                row[j] = (float) random.nextGaussian();
            }
            int seen = (row[task % 3] > 0 ? 1 : 0) + (row[3 + task % 3] > 0 ? 2 : 0);
            row[FEATURES] = task % 2 == 0 ? seen : 3 - seen;
        }
        return rows;
    }

    Map<String, float[]> weights() {
        Map<String, float[]> weights = new TreeMap<>();
        model.getBlock()
                .getParameters()
                .forEach(p -> weights.put(p.getKey(), p.getValue().getArray().toFloatArray()));
        return weights;
    }

    /** Sets weights, as one does who loads those that were saved. */
    void place(Map<String, float[]> weights) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            weights.forEach(
                    (name, values) -> {
                        NDArray array = model.getBlock().getParameters().get(name).getArray();
                        boolean trains = array.hasGradient();
                        array.setRequiresGradient(false);
                        manager.create(values, array.getShape()).copyTo(array);
                        array.setRequiresGradient(trains);
                    });
        }
    }

    double accuracy(int task) {
        float[][] rows = data(task, 999, 400);
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDArray data = manager.create(new Shape(rows.length, FEATURES));
            float[] flat = new float[rows.length * FEATURES];
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(rows[i], 0, flat, i * FEATURES, FEATURES);
            }
            data.set(flat);
            var store = new ai.djl.training.ParameterStore(manager, false);
            long[] found =
                    model.getBlock()
                            .forward(store, new NDList(data), false)
                            .head()
                            .argMax(1)
                            .toLongArray();
            int right = 0;
            for (int i = 0; i < rows.length; i++) {
                right += found[i] == (long) rows[i][FEATURES] ? 1 : 0;
            }
            return (double) right / rows.length;
        }
    }

    void end() {
        trainer.close();
    }

    @Override
    public void close() {
        model.close();
    }
}
