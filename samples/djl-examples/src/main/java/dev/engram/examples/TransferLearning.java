package dev.engram.examples;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.metric.Metrics;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.FixedPerVarTracker;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A trunk that knows digits gets a head of its own, and learns to tell two of them apart; then the
 * saved model is loaded again for two others.
 *
 * <p>As in DJL's example of transfer learning the trunk learns at a tenth of the head's rate, and
 * the model is closed while its trainer is still open, which ends the training, too.
 */
final class TransferLearning implements Example {

    private static final String NAME = "transfer";
    private static final String TRUNK = "trunk";
    private static final int BATCH = 32;
    private static final float RATE = 3e-3f;
    private static final Shape INPUT = new Shape(BATCH, 1, 28, 28);

    @Override
    public String strategy() {
        return "er";
    }

    @Override
    public Retention run(Setup setup, TrainingListener... engram)
            throws IOException, TranslateException {
        Path folder = Files.createTempDirectory("transfer");
        Pictures train = Pictures.of(setup.digits().train(), setup.either(6_000, 60_000));
        Pictures test = Pictures.of(setup.digits().test(), setup.either(2_000, 10_000));
        pretrain(train, folder);
        double[] first =
                learn(setup, folder, train.only(3, 5), test.only(3, 5), test.only(8, 9), engram);
        double[] both =
                learn(setup, folder, train.only(8, 9), test.only(3, 5), test.only(8, 9), engram);
        return new Retention("accuracy", first[0], both[0], both[1]);
    }

    /** Makes the trunk that others would download: here it has learnt to read ten digits. */
    private static void pretrain(Pictures train, Path folder)
            throws IOException, TranslateException {
        try (Model embedding = Model.newInstance(TRUNK);
                Model model = Model.newInstance("pretraining")) {
            Block trunk = trunk();
            embedding.setBlock(trunk);
            Block head = Linear.builder().setUnits(10).build();
            model.setBlock(new SequentialBlock().add(trunk).add(head));
            TrainingConfig config = new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss());
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(INPUT);
                EasyTrain.fit(trainer, 1, train.dataset(model.getNDManager(), BATCH), null);
            }
            embedding.save(folder, TRUNK);
        }
    }

    /** Returns the accuracies on both tests, after it learnt. */
    private static double[] learn(
            Setup setup,
            Path folder,
            Pictures train,
            Pictures one,
            Pictures other,
            TrainingListener... engram)
            throws IOException, TranslateException {
        Model embedding = load(TRUNK, trunk(), folder);
        Block trunk = embedding.getBlock();
        Block blocks = new SequentialBlock().add(trunk).add(Linear.builder().setUnits(2).build());
        Model model =
                Files.exists(folder.resolve(NAME + "-0000.params"))
                        ? load(NAME, blocks, folder)
                        : Model.newInstance(NAME);
        model.setBlock(blocks);
        NDManager manager = model.getNDManager();
        Trainer trainer = model.newTrainer(setupTrainingConfig(trunk, engram));
        trainer.setMetrics(new Metrics());
        trainer.initialize(INPUT);
        EasyTrain.fit(trainer, setup.either(2, 3), train.dataset(manager, BATCH), null);
        double[] accuracies = {
            Accuracies.of(model, one.dataset(manager, BATCH)),
            Accuracies.of(model, other.dataset(manager, BATCH))
        };
        model.save(folder, NAME);
        model.close();
        embedding.close();
        return accuracies;
    }

    private static Model load(String name, Block block, Path folder) throws IOException {
        Model model = Model.newInstance(name);
        model.setBlock(block);
        try {
            model.load(folder, name);
        } catch (MalformedModelException e) {
            throw new IOException(e);
        }
        return model;
    }

    private static Block trunk() {
        return new SequentialBlock()
                .add(convolution(8))
                .add(Activation.reluBlock())
                .add(convolution(16))
                .add(Activation.reluBlock())
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(64).build())
                .add(Activation.reluBlock());
    }

    private static Block convolution(int filters) {
        return Conv2d.builder()
                .setKernelShape(new Shape(5, 5))
                .optStride(new Shape(2, 2))
                .setFilters(filters)
                .build();
    }

    private static TrainingConfig setupTrainingConfig(Block trunk, TrainingListener... engram) {
        FixedPerVarTracker.Builder rates = FixedPerVarTracker.builder().setDefaultValue(RATE);
        trunk.getParameters().values().forEach(held -> rates.put(held.getId(), 0.1f * RATE));
        return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .addEvaluator(new Accuracy())
                .optOptimizer(Optimizer.adam().optLearningRateTracker(rates.build()).build())
                .addTrainingListeners(TrainingListener.Defaults.basic())
                .addTrainingListeners(engram);
    }
}
