package dev.engram.examples;

import ai.djl.Model;
import ai.djl.metric.Metrics;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.evaluator.IndexEvaluator;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.IndexLoss;
import ai.djl.training.loss.SimpleCompositeLoss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import ai.djl.translate.TranslateException;
import java.io.IOException;

/** A convolutional network that reads two digits of an image at once: two outputs, two labels. */
final class TrainCaptcha implements Example {

    private static final int BATCH = 32;
    private static final int LENGTH = 2;
    private static final int OPTIONS = 10;

    @Override
    public String strategy() {
        return "er";
    }

    @Override
    public Retention run(Setup setup, TrainingListener... engram)
            throws IOException, TranslateException {
        Pictures train = Pictures.of(setup.digits().train(), setup.either(3_000, 60_000));
        Pictures test = Pictures.of(setup.digits().test(), setup.either(1_000, 10_000));
        try (Model model = Model.newInstance("captcha")) {
            model.setBlock(block());
            NDManager manager = model.getNDManager();
            Dataset upright = test.pairs().dataset(manager, BATCH);
            Dataset lying = test.transposed().turned().pairs().dataset(manager, BATCH);
            fit(setup, model, train.pairs().dataset(manager, BATCH), upright, engram);
            double learnt = Accuracies.of(model, upright);
            fit(
                    setup,
                    model,
                    train.transposed().turned().pairs().dataset(manager, BATCH),
                    lying,
                    engram);
            return new Retention(
                    "accuracy of both digits",
                    learnt,
                    Accuracies.of(model, upright),
                    Accuracies.of(model, lying));
        }
    }

    private static void fit(
            Setup setup,
            Model model,
            Dataset trainingSet,
            Dataset validateSet,
            TrainingListener... engram)
            throws IOException, TranslateException {
        try (Trainer trainer = model.newTrainer(setupTrainingConfig(engram))) {
            trainer.setMetrics(new Metrics());
            trainer.initialize(new Shape(1, 1, 56, 28));
            EasyTrain.fit(trainer, setup.either(4, 3), trainingSet, validateSet);
        }
    }

    private static Block block() {
        return new SequentialBlock()
                .add(convolution(16))
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(convolution(32))
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(LENGTH * OPTIONS).build())
                .add(TrainCaptcha::split);
    }

    private static Block convolution(int filters) {
        return Conv2d.builder()
                .setKernelShape(new Shape(5, 5))
                .optStride(new Shape(3, 3))
                .setFilters(filters)
                .build();
    }

    /** Makes one output of each digit of what the network returns. */
    private static NDList split(NDList outputs) {
        NDList split = outputs.singletonOrThrow().reshape(-1, LENGTH, OPTIONS).split(LENGTH, 1);
        NDList digits = new NDList(LENGTH);
        for (NDArray digit : split) {
            digits.add(digit.squeeze(1));
        }
        return digits;
    }

    private static TrainingConfig setupTrainingConfig(TrainingListener... engram) {
        SimpleCompositeLoss loss = new SimpleCompositeLoss();
        for (int i = 0; i < LENGTH; i++) {
            loss.addLoss(new IndexLoss(new SoftmaxCrossEntropyLoss("loss_digit_" + i), i));
        }
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(loss)
                        .addTrainingListeners(TrainingListener.Defaults.basic())
                        .addTrainingListeners(engram);
        for (int i = 0; i < LENGTH; i++) {
            config.addEvaluator(new IndexEvaluator(new Accuracy("acc_digit_" + i), i));
        }
        return config;
    }
}
