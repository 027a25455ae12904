package dev.engram.examples;

import ai.djl.Model;
import ai.djl.metric.Metrics;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import java.io.IOException;

/** A perceptron that reads digits, then digits whose pixels are in another order. */
final class TrainMnist implements Example {

    private static final int BATCH = 32;
    private static final int CLASSES = 10;

    @Override
    public String strategy() {
        return "ewc-online";
    }

    @Override
    public Retention run(Setup setup, TrainingListener... engram)
            throws IOException, TranslateException {
        Pictures train = Pictures.of(setup.digits().train(), setup.either(3_000, 60_000));
        Pictures test = Pictures.of(setup.digits().test(), setup.either(1_000, 10_000));
        try (Model model = Model.newInstance("mlp")) {
            model.setBlock(block());
            NDManager manager = model.getNDManager();
            Dataset digits = test.dataset(manager, BATCH);
            Dataset permuted = test.permuted(setup.seed()).dataset(manager, BATCH);
            fit(setup, model, train.dataset(manager, BATCH), digits, engram);
            double learnt = Accuracies.of(model, digits);
            Dataset second = train.permuted(setup.seed()).dataset(manager, BATCH);
            fit(setup, model, second, permuted, engram);
            return new Retention(
                    "accuracy",
                    learnt,
                    Accuracies.of(model, digits),
                    Accuracies.of(model, permuted));
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
            trainer.initialize(new Shape(1, 1, 28, 28));
            EasyTrain.fit(trainer, setup.either(6, 3), trainingSet, validateSet);
        }
    }

    private static Block block() {
        return new SequentialBlock()
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(128).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(64).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(CLASSES).build());
    }

    private static TrainingConfig setupTrainingConfig(TrainingListener... engram) {
        return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .addEvaluator(new Accuracy())
                .addTrainingListeners(TrainingListener.Defaults.basic())
                .addTrainingListeners(engram);
    }
}
