package dev.engram.examples;

import ai.djl.Model;
import ai.djl.metric.Metrics;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import java.io.IOException;

/** A recurrent network that reads digits row by row, then column by column. */
final class TrainMnistWithLstm implements Example {

    private static final int BATCH = 32;
    private static final int CLASSES = 10;

    @Override
    public String strategy() {
        return "er";
    }

    @Override
    public Retention run(Setup setup, TrainingListener... engram)
            throws IOException, TranslateException {
        Pictures train = Pictures.of(setup.digits().train(), setup.either(1_500, 30_000));
        Pictures test = Pictures.of(setup.digits().test(), setup.either(500, 10_000));
        try (Model model = Model.newInstance("lstm")) {
            model.setBlock(block());
            NDManager manager = model.getNDManager();
            Dataset rows = test.dataset(manager, BATCH);
            Dataset columns = test.transposed().dataset(manager, BATCH);
            fit(setup, model, train.dataset(manager, BATCH), rows, engram);
            double learnt = Accuracies.of(model, rows);
            fit(setup, model, train.transposed().dataset(manager, BATCH), columns, engram);
            return new Retention(
                    "accuracy", learnt, Accuracies.of(model, rows), Accuracies.of(model, columns));
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
            trainer.initialize(new Shape(BATCH, 1, 28, 28));
            EasyTrain.fit(trainer, setup.either(3, 2), trainingSet, validateSet);
        }
    }

    private static Block block() {
        return new SequentialBlock()
                .add(TrainMnistWithLstm::rows)
                .add(new LSTM.Builder().setStateSize(64).setNumLayers(1).optDropRate(0).build())
                .add(BatchNorm.builder().optEpsilon(1e-5f).optMomentum(0.9f).build())
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(CLASSES).build());
    }

    /** Shapes an image as a sequence of its rows, (batch, time, channel). */
    private static NDList rows(NDList inputs) {
        NDArray input = inputs.singletonOrThrow();
        Shape shape = input.getShape();
        long channel = shape.get(3);
        long time = shape.size() / (shape.get(0) * channel);
        return new NDList(input.reshape(new Shape(shape.get(0), time, channel)));
    }

    private static TrainingConfig setupTrainingConfig(TrainingListener... engram) {
        return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .addEvaluator(new Accuracy())
                .optInitializer(new XavierInitializer(), Parameter.Type.WEIGHT)
                .addTrainingListeners(TrainingListener.Defaults.basic())
                .addTrainingListeners(engram);
    }
}
