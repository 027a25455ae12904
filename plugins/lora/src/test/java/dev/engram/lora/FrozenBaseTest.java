package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
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
import dev.engram.djl.ForgettingListener;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The warning of a base that is frozen at random speaks of what stays at random, and only of it.
 */
class FrozenBaseTest {

    /** Trains one task, and returns what was logged. */
    private static String warnings(boolean loaded) throws Exception {
        PrintStream usual = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try (Model model = Model.newInstance("m");
                NDManager manager = NDManager.newBaseManager();
                ForgettingListener memory =
                        ForgettingListener.builder()
                                .addStrategy(
                                        "lora", Map.of("targets", "01SequentialBlock_01Linear"))
                                .build()) {
            SequentialBlock base =
                    new SequentialBlock()
                            .add(Linear.builder().setUnits(8).build())
                            .add(Activation.reluBlock());
            if (loaded) {
                base.initialize(manager, DataType.FLOAT32, new Shape(4, 6));
            }
            model.setBlock(
                    new SequentialBlock().add(base).add(Linear.builder().setUnits(2).build()));
            NDArray x = manager.randomNormal(new Shape(8, 6));
            NDArray y = manager.zeros(new Shape(8));
            ArrayDataset data =
                    new ArrayDataset.Builder()
                            .setData(x)
                            .optLabels(y)
                            .setSampling(4, false)
                            .build();
            try (Trainer trainer =
                    model.newTrainer(
                            new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                    .addTrainingListeners(memory))) {
                EasyTrain.fit(trainer, 1, data, null);
            }
        } finally {
            System.setErr(usual);
        }
        return log.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aNewHeadOverALoadedBaseIsNoReasonToWarn() throws Exception {
        assertThat(warnings(true)).doesNotContain("at random");
    }

    @Test
    void aBaseWithoutValuesIsNamedWithoutTheHead() throws Exception {
        assertThat(warnings(false))
                .contains("[01SequentialBlock_01Linear_weight, 01SequentialBlock_01Linear_bias]")
                .contains("are frozen at random");
    }
}
