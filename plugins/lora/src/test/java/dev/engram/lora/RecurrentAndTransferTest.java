package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models whose layers are recurrent, or a TorchScript model with a new head. */
class RecurrentAndTransferTest {

    private static final Bases DATA = Bases.ENCODER;

    private static Block recurrent(String kind) {
        return switch (kind) {
            case "LSTM" ->
                    LSTM.builder()
                            .setStateSize(16)
                            .setNumLayers(1)
                            .optReturnState(false)
                            .optBatchFirst(true)
                            .build();
            case "GRU" ->
                    GRU.builder()
                            .setStateSize(16)
                            .setNumLayers(1)
                            .optReturnState(false)
                            .optBatchFirst(true)
                            .build();
            default ->
                    RNN.builder()
                            .setStateSize(16)
                            .setNumLayers(1)
                            .setActivation(RNN.Activation.TANH)
                            .optReturnState(false)
                            .optBatchFirst(true)
                            .build();
        };
    }

    private static Model model(Block block) {
        Model model = Model.newInstance("recurrent");
        block.initialize(model.getNDManager(), DataType.FLOAT32, DATA.batch());
        model.setBlock(block);
        return model;
    }

    @ParameterizedTest
    @ValueSource(strings = {"LSTM", "GRU", "RNN"})
    void theMatricesOfARecurrentBlockAreAdapted(String kind) {
        Block block =
                new SequentialBlock()
                        .add(recurrent(kind))
                        .add(LambdaBlock.singleton(x -> x.mean(new int[] {1})))
                        .add(Linear.builder().setUnits(Bases.CLASSES).build());
        try (Model model = model(block);
                NDManager manager = NDManager.newBaseManager();
                ForgettingListener memory =
                        ForgettingListener.builder().addStrategy("lora").build()) {
            float[] before = DATA.outputs(model, block, 0);
            DATA.fit(model, 0, 6, memory);
            TaskRegistry tasks = memory.tasks(model);
            assertThat(tasks.tensors("task-1", manager).keySet())
                    .anyMatch(name -> name.contains(kind) && name.endsWith("/lora_A"));
            assertThat(DATA.outputs(model, block, 0)).isEqualTo(before);
            assertThat(DATA.accuracy(model, tasks.handle("task-1").block(), 0)).isGreaterThan(0.7);
        }
    }

    @Test
    void whereNothingIsLeftToAdaptTheSettingsAreNamed() {
        Block block =
                new SequentialBlock()
                        .add(LambdaBlock.singleton(x -> x.mean(new int[] {1})))
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(Bases.CLASSES).build());
        try (Model model = model(block);
                ForgettingListener memory =
                        ForgettingListener.builder().addStrategy("lora").build()) {
            assertThatThrownBy(() -> DATA.fit(model, 0, 1, memory))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("targets = \"auto\"")
                    .hasMessageContaining("owned = \"auto\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "dora", "ia3", "o-lora"})
    void aNewHeadBehindATorchScriptModelTrainsAsDjlsTransferLearningDoes(String strategy) {
        try (Model traced = Bases.TORCH_SCRIPT.model();
                Model model = Model.newInstance("transfer");
                ForgettingListener memory =
                        ForgettingListener.builder().addStrategy(strategy).build()) {
            Block head = Linear.builder().setUnits(Bases.CLASSES).build();
            head.initialize(
                    model.getNDManager(), DataType.FLOAT32, new Shape(Bases.BATCH, Bases.CLASSES));
            SequentialBlock block = new SequentialBlock().add(traced.getBlock()).add(head);
            model.setBlock(block);
            float[] before = Bases.TORCH_SCRIPT.outputs(model, block, 0);
            Bases.TORCH_SCRIPT.fit(model, 0, 4, memory);
            Bases.TORCH_SCRIPT.fit(model, 1, 4, memory);
            TaskRegistry tasks = memory.tasks(model);
            assertThat(tasks.tasks()).hasSize(2);
            assertThat(Bases.TORCH_SCRIPT.outputs(model, tasks.base().block(), 0))
                    .isEqualTo(before);
            double accuracy = Bases.TORCH_SCRIPT.accuracy(model, tasks.handle("task-1").block(), 0);
            assertThat(accuracy).isGreaterThan(strategy.equals("ia3") ? 0.25 : 0.5);
            model.setBlock(new SequentialBlock());
        }
    }

    @Test
    void aHeadOfTheTasksOwnIsFoundBehindATorchScriptModel() {
        try (Model traced = Bases.TORCH_SCRIPT.model();
                Model model = Model.newInstance("transfer");
                NDManager manager = NDManager.newBaseManager()) {
            Block head = Linear.builder().setUnits(Bases.CLASSES).build();
            head.initialize(
                    model.getNDManager(), DataType.FLOAT32, new Shape(Bases.BATCH, Bases.CLASSES));
            model.setBlock(new SequentialBlock().add(traced.getBlock()).add(head));
            try (TaskRegistry tasks = new TaskRegistry(model, LoraIsolation.builder().build())) {
                Drawn.add(tasks, "any", 0);
                Map<String, ?> own = tasks.tensors("any", manager);
                assertThat(own.keySet()).contains("02Linear_weight/copy", "02Linear_bias/copy");
            }
            model.setBlock(new SequentialBlock());
        }
    }
}
