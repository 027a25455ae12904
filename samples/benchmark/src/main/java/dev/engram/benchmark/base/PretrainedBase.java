package dev.engram.benchmark.base;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.images.DeviceImages;
import dev.engram.scenarios.images.TrainAndTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;

/** One pretrained model that learns another task, without and with the protection of its base. */
final class PretrainedBase {

    private static final int SIDE = 28;
    private static final int CLASSES = 10;
    private static final int BATCH = 64;
    private static final int PRETRAINED = 400;
    private static final int LEARNT = 300;

    private final BasePair pair;
    private final int seed;

    PretrainedBase(BasePair pair, int seed) {
        this.pair = pair;
        this.seed = seed;
    }

    /** Trains three times and returns accuracies in per cent. */
    Accuracies run(List<String> strategies, HeldBase held, double strength) {
        try (Model model = model()) {
            fit(model, pair.old(), PRETRAINED, seed);
            ByteArrayOutputStream weights = new ByteArrayOutputStream();
            model.getBlock().saveParameters(new DataOutputStream(weights));
            double base = accuracy(model, pair.old());
            double[] unguarded = next(weights.toByteArray());
            try (ForgettingListener listener = held.listener(strategies, strength)) {
                held.before(listener, model);
                double[] kept = next(weights.toByteArray(), listener);
                return new Accuracies(base, unguarded[0], unguarded[1], kept[0], kept[1]);
            }
        } catch (IOException | MalformedModelException e) {
            throw new IllegalStateException("The weights were just written into memory", e);
        }
    }

    private double[] next(byte[] weights, TrainingListener... listeners)
            throws IOException, MalformedModelException {
        try (Model model = model()) {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(weights));
            model.getBlock().loadParameters(model.getNDManager(), in);
            fit(model, pair.next(), LEARNT, seed + 100, listeners);
            return new double[] {accuracy(model, pair.old()), accuracy(model, pair.next())};
        }
    }

    private Model model() {
        Engine.getInstance().setRandomSeed(seed);
        Model model = Model.newInstance("base");
        model.setBlock(pair.convolves() ? cnn() : mlp());
        return model;
    }

    private void fit(
            Model model, TrainAndTest images, int steps, int order, TrainingListener... listeners) {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(Optimizer.adam().build())
                        .addTrainingListeners(listeners);
        Random random = new Random(order);
        try (Trainer trainer = model.newTrainer(config);
                DeviceImages data = new DeviceImages(images.train(), model.getNDManager())) {
            trainer.initialize(new Shape(BATCH, SIDE * SIDE));
            for (int step = 0; step < steps; step++) {
                try (Batch batch = data.batch(BATCH, random, trainer.getManager())) {
                    EasyTrain.trainBatch(trainer, batch);
                    trainer.step();
                }
            }
            trainer.notifyListeners(listener -> listener.onEpoch(trainer));
        }
    }

    private static double accuracy(Model model, TrainAndTest images) {
        try (DeviceImages test = new DeviceImages(images.test(), model.getNDManager())) {
            NDArray none = model.getNDManager().zeros(new Shape(CLASSES));
            return 100 * test.accuracy(model.getBlock(), none);
        }
    }

    private static Block mlp() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(400).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(400).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(CLASSES).build());
    }

    private static Block cnn() {
        return new SequentialBlock()
                .add(LambdaBlock.singleton(flat -> flat.reshape(-1, 1, SIDE, SIDE)))
                .add(convolution(16))
                .add(Activation.reluBlock())
                .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                .add(convolution(32))
                .add(Activation.reluBlock())
                .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(128).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(CLASSES).build());
    }

    private static Block convolution(int filters) {
        return Conv2d.builder()
                .setKernelShape(new Shape(5, 5))
                .optPadding(new Shape(2, 2))
                .setFilters(filters)
                .build();
    }

    /** Accuracies in per cent: of the base, and on both tasks after each training. */
    record Accuracies(
            double base,
            double unguardedOld,
            double unguardedNew,
            double protectedOld,
            double protectedNew) {}
}
