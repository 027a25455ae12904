package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tasks with parameters of their own over a base whose head gets more classes between them. */
class GrowingHeadTest {

    private static final int OLD = 2;
    private static final int NEW = 5;
    private static final String HEAD = "03Linear_weight";

    @TempDir private Path memory;

    @ParameterizedTest
    @CsvSource({
        "lora, auto, true",
        "lora, auto, false",
        "dora, auto, true",
        "ia3, auto, true",
        "o-lora, auto, false",
        "lora, head, true",
        "lora, head, false",
        "dora, head, false",
        "lora, neither, true",
        "lora, neither, false"
    })
    void anEarlierTaskAnswersBitForBitAsItDid(String strategy, String owner, boolean inOneProcess) {
        Map<String, Object> settings = settings(owner);
        ForgettingListener listener = listener(strategy, settings);
        try (Model old = model(OLD)) {
            train(old, OLD, listener);
            float[] before = outputs(listener.tasks(old), "task-1", OLD);
            if (!inOneProcess) {
                listener.close();
                listener = listener(strategy, settings);
            }
            try (Model grown = grown(old, 1)) {
                train(grown, NEW, listener);
                assertThat(outputs(listener.tasks(grown), "task-1", OLD)).isEqualTo(before);
                float[] second = outputs(listener.tasks(grown), "task-2", NEW);
                listener.close();
                listener = listener(strategy, settings);
                assertThat(outputs(listener.tasks(grown), "task-1", OLD)).isEqualTo(before);
                assertThat(outputs(listener.tasks(grown), "task-2", NEW)).isEqualTo(second);
                train(grown, NEW, listener);
                assertThat(outputs(listener.tasks(grown), "task-1", OLD)).isEqualTo(before);
            }
        } finally {
            listener.close();
        }
    }

    @Test
    void whatKnowsTheFirstRowsAloneIsNeitherMergedNorSummed() {
        try (ForgettingListener listener = listener("lora", Map.of());
                Model old = model(OLD)) {
            train(old, OLD, listener);
            try (Model grown = grown(old, 1);
                    NDManager manager = NDManager.newBaseManager(Device.cpu())) {
                train(grown, NEW, listener);
                TaskRegistry tasks = listener.tasks(grown);
                assertThatThrownBy(() -> tasks.merge("task-1", new NDList(inputs(manager)), 1e-4))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining("{03Linear_weight=2, 03Linear_bias=2}");
                assertThatThrownBy(
                                () -> tasks.combine("both", Map.of("task-1", 0.5, "task-2", 0.5)))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining("before the base grew");
            }
        }
    }

    @Test
    void aHeadWhoseOldRowsWereChangedIsRefused() {
        try (ForgettingListener listener = listener("lora", Map.of());
                Model old = model(OLD)) {
            train(old, OLD, listener);
            try (Model other = grown(old, 1.5f)) {
                assertThatThrownBy(() -> train(other, NEW, listener))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining(HEAD)
                        .hasMessageContaining("A head may grow");
            }
        }
    }

    @Test
    void whatOloraStacksMayNotGrowAndSaysSo() {
        try (ForgettingListener listener = listener("o-lora", settings("head"));
                Model old = model(OLD)) {
            train(old, OLD, listener);
            try (Model grown = grown(old, 1)) {
                assertThatThrownBy(() -> train(grown, NEW, listener))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining("grown from 2 to 5 rows");
            }
        }
    }

    /** The head as each task's own copy, as a weight that is adapted, or as the base's alone. */
    private static Map<String, Object> settings(String owner) {
        return switch (owner) {
            case "head" -> Map.of("owned", "", "targets", "type:Linear");
            case "neither" -> Map.of("owned", "", "targets", "01Linear");
            default -> Map.of();
        };
    }

    private ForgettingListener listener(String strategy, Map<String, Object> settings) {
        return ForgettingListener.builder()
                .addStrategy(strategy, settings)
                .optMemory(memory)
                .build();
    }

    private static Model model(int classes) {
        Engine.getInstance().setRandomSeed(classes);
        Model model = Model.newInstance("growing", Device.cpu());
        model.setBlock(
                new SequentialBlock()
                        .add(Linear.builder().setUnits(8).build())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(classes).build()));
        model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(8, 4));
        return model;
    }

    private static Model grown(Model old, float scale) {
        Model grown = model(NEW);
        for (int i = 0; i < 4; i++) {
            NDArray from = old.getBlock().getParameters().valueAt(i).getArray();
            NDArray to = grown.getBlock().getParameters().valueAt(i).getArray();
            float factor = i < 2 ? 1 : scale;
            to.set(new NDIndex("0:" + from.getShape().get(0)), from.mul(factor));
        }
        return grown;
    }

    private static void train(Model model, int classes, ForgettingListener listener) {
        try (NDManager manager = model.getNDManager().newSubManager();
                Trainer trainer =
                        model.newTrainer(
                                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                        .addTrainingListeners(listener))) {
            trainer.initialize(new Shape(8, 4));
            ArrayDataset data =
                    new ArrayDataset.Builder()
                            .setData(manager.randomNormal(new Shape(32, 4)))
                            .optLabels(manager.arange(32f).mod(classes))
                            .setSampling(8, false)
                            .build();
            EasyTrain.fit(trainer, 2, data, null);
        } catch (java.io.IOException | ai.djl.translate.TranslateException e) {
            throw new AssertionError(e);
        }
    }

    private static float[] outputs(TaskRegistry tasks, String task, int classes) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDArray outputs = tasks.handle(task).predict(new NDList(inputs(manager))).head();
            assertThat(outputs.getShape()).isEqualTo(new Shape(33, classes));
            return outputs.toFloatArray();
        }
    }

    private static NDArray inputs(NDManager manager) {
        return manager.linspace(-1, 1, 33 * 4).sin().reshape(33, 4);
    }
}
