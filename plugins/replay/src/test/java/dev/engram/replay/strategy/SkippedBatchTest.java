package dev.engram.replay.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.training.loss.Loss;
import dev.engram.djl.ForgettingListener;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A loop of one's own that passes over batches whose loss is not finite. */
class SkippedBatchTest {

    private static final int BATCHES = 8;
    private static final int SIZE = 16;

    @ParameterizedTest
    @ValueSource(strings = {"er", "er-ace", "der", "der-plus-plus", "a-gem"})
    void whatItPassedOverIsNeverRehearsed(String id) {
        try (Model model = Toy.model();
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy(id, Map.of("share", 0.5))
                                .build()) {
            train(model, 0, true, listener);
            train(model, 1, false, listener);
            assertThat(listener.tasks()).hasSize(2);
            for (Parameter parameter : model.getBlock().getParameters().values()) {
                for (float weight : parameter.getArray().toFloatArray()) {
                    assertThat(weight).isFinite();
                }
            }
        }
    }

    private static void train(Model model, int task, boolean breaks, ForgettingListener listener) {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .addTrainingListeners(listener);
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(new Shape(SIZE, Toy.FEATURES));
            for (int number = 0; number < BATCHES; number++) {
                try (NDManager call = trainer.getManager().newSubManager()) {
                    step(trainer, call, task, breaks && number == 2);
                }
            }
            trainer.notifyListeners(heard -> heard.onEpoch(trainer));
        }
    }

    private static void step(Trainer trainer, NDManager call, int task, boolean isBroken) {
        NDArray data = call.randomNormal(new Shape(SIZE, Toy.FEATURES));
        if (isBroken) {
            data.set(new NDIndex("3, 1"), Float.NaN);
        }
        NDList inputs = new NDList(data);
        NDList labels = new NDList(call.full(new Shape(SIZE), 2f * task));
        NDList outputs;
        float loss;
        try (GradientCollector collector = trainer.newGradientCollector()) {
            outputs = trainer.forward(inputs, labels);
            NDArray value = trainer.getLoss().evaluate(labels, outputs);
            collector.backward(value);
            loss = value.getFloat();
        }
        Batch batch = new Batch(call.newSubManager(), inputs, labels, SIZE, null, null, 0, 0);
        Device device = trainer.getDevices()[0];
        BatchData heard = new BatchData(batch, Map.of(device, labels), Map.of(device, outputs));
        trainer.notifyListeners(listener -> listener.onTrainingBatch(trainer, heard));
        if (Float.isFinite(loss)) {
            trainer.step();
            return;
        }
        for (Parameter parameter : trainer.getModel().getBlock().getParameters().values()) {
            try (NDArray gradient = parameter.getArray().getGradient()) {
                gradient.set(new NDIndex("..."), 0);
            }
        }
    }
}
