package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.tck.LiveArrays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IsolationMemoryTest {

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"lora", "dora", "ia3", "o-lora"})
    void tasksOfAnotherListenerGoOnOverAModelLoadedAnew(String strategy) {
        Bases kind = Bases.ENCODER;
        float[] first;
        float[] second;
        try (Model model = kind.model();
                ForgettingListener memory = listener(strategy, Map.of())) {
            kind.fit(model, 0, 2, memory);
            kind.fit(model, 1, 2, memory);
            first = kind.outputs(model, memory.tasks(model).handle("task-1").block(), 0);
            second = kind.outputs(model, memory.tasks(model).handle("task-2").block(), 0);
        }
        try (Model model = kind.model();
                ForgettingListener memory = listener(strategy, Map.of())) {
            kind.fit(model, 2, 2, memory);
            TaskRegistry tasks = memory.tasks(model);
            assertThat(tasks.tasks()).containsExactly("task-1", "task-2", "task-3");
            assertThat(kind.outputs(model, tasks.handle("task-1").block(), 0)).isEqualTo(first);
            assertThat(kind.outputs(model, tasks.handle("task-2").block(), 0)).isEqualTo(second);
        }
        try (Model model = kind.model();
                ForgettingListener memory = listener(strategy, Map.of())) {
            TaskRegistry tasks = memory.tasks(model);
            assertThat(tasks.tasks()).containsExactly("task-1", "task-2", "task-3");
            assertThat(kind.outputs(model, tasks.handle("task-2").block(), 0)).isEqualTo(second);
        }
    }

    @Test
    void filesOfOrthogonalTasksGrowWithTheirNumberAndNotWithItsSquare() throws IOException {
        Bases kind = Bases.ENCODER;
        float[] fourth;
        try (Model model = kind.model();
                ForgettingListener memory = listener("o-lora", Map.of())) {
            for (int task = 0; task < 4; task++) {
                kind.fit(model, task % 3, 1, memory);
            }
            fourth = kind.outputs(model, memory.tasks(model).handle("task-4").block(), 0);
        }
        Path newest = directory.resolve("memory/generation-000004");
        long first = Files.size(newest.resolve("o-lora.task-1.safetensors"));
        assertThat(Files.size(newest.resolve("o-lora.task-4.safetensors"))).isEqualTo(first);
        try (Model model = kind.model();
                ForgettingListener memory = listener("o-lora", Map.of())) {
            kind.fit(model, 0, 1, memory);
            TaskRegistry tasks = memory.tasks(model);
            assertThat(kind.outputs(model, tasks.handle("task-4").block(), 0)).isEqualTo(fourth);
        }
        newest = directory.resolve("memory/generation-000005");
        assertThat(Files.size(newest.resolve("o-lora.task-5.safetensors"))).isEqualTo(first);
    }

    @Test
    void tasksOfATorchScriptModelGoOnOverTheSameFile() {
        Bases kind = Bases.TORCH_SCRIPT;
        float[] first;
        try (Model model = kind.model();
                ForgettingListener memory = listener("lora", Map.of())) {
            kind.fit(model, 0, 2, memory);
            kind.fit(model, 1, 2, memory);
            first = kind.outputs(model, memory.tasks(model).handle("task-1").block(), 0);
        }
        try (Model model = kind.model();
                ForgettingListener memory = listener("lora", Map.of())) {
            TaskRegistry tasks = memory.tasks(model);
            assertThat(tasks.tasks()).containsExactly("task-1", "task-2");
            assertThat(kind.outputs(model, tasks.handle("task-1").block(), 0)).isEqualTo(first);
        }
    }

    @Test
    void aBaseThatWasTrainedInBetweenIsRefusedByName() {
        Bases kind = Bases.ENCODER;
        try (Model model = kind.model();
                ForgettingListener memory = listener("lora", Map.of())) {
            kind.fit(model, 0, 1, memory);
            kind.fit(model, 1, 1);
            assertThatThrownBy(() -> kind.fit(model, 1, 1, memory))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("task-1")
                    .hasMessageContaining("03outputBlock_01Linear_weight");
        }
        // What was learnt before is still there, for the base that it was learnt on.
        try (Model model = kind.model();
                ForgettingListener memory = listener("lora", Map.of())) {
            assertThat(memory.tasks(model).tasks()).containsExactly("task-1");
        }
    }

    @Test
    void tasksOfAModelWithoutValuesAreRefused() {
        try (Model model = Model.newInstance("empty");
                ForgettingListener memory = listener("lora", Map.of())) {
            model.setBlock(Bases.ENCODER.block());
            assertThatThrownBy(() -> memory.tasks(model))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("without values");
        }
    }

    @Test
    void tasksLearntOnAnotherBaseAreRefusedByName() {
        Bases kind = Bases.ENCODER;
        try (Model model = kind.model();
                ForgettingListener memory = listener("lora", Map.of())) {
            kind.fit(model, 0, 1, memory);
        }
        try (Model model = kind.model();
                ForgettingListener memory = listener("lora", Map.of("rank", 4))) {
            model.getBlock().getParameters().get("04Linear_bias").getArray().addi(1);
            assertThatThrownBy(() -> memory.tasks(model))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("04Linear_bias")
                    .hasMessageContaining("setting rank is 4, but was 8");
        }
    }

    @Test
    void aThousandStepsLeaveTheNumberOfLiveArraysAsItIs() throws Exception {
        Bases kind = Bases.ENCODER;
        try (Model model = kind.model();
                ForgettingListener memory =
                        ForgettingListener.builder().addStrategy("lora").build();
                Trainer trainer =
                        model.newTrainer(
                                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                        .addTrainingListeners(memory))) {
            int before = 0;
            for (int step = 0; step < 1100; step++) {
                try (NDManager scope = trainer.getManager().newSubManager()) {
                    Batch batch =
                            kind.dataset(scope, 0, Bases.BATCH).getData(scope).iterator().next();
                    EasyTrain.trainBatch(trainer, batch);
                    trainer.step();
                }
                if (step == 100) {
                    before = LiveArrays.count();
                }
            }
            assertThat(LiveArrays.count()).isEqualTo(before);
        }
    }

    private ForgettingListener listener(String strategy, Map<String, ?> settings) {
        return ForgettingListener.builder()
                .addStrategy(strategy, settings)
                .optMemory(directory.resolve("memory"))
                .build();
    }
}
