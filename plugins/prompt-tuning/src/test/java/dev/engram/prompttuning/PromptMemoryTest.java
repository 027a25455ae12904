package dev.engram.prompttuning;

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
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptMemoryTest {

    @TempDir Path directory;

    @ParameterizedTest
    @CsvSource({
        "prompt-tuning,none",
        "prompt-tuning,mlp",
        "prefix-tuning,residual",
        "prompt-pool,"
    })
    void tasksOfAnotherListenerGiveTheSameOutputsBitForBit(String strategy, String network) {
        Map<String, ?> settings = network == null ? Map.of() : Map.of("reparametrisation", network);
        float[] first;
        float[] second;
        try (Model model = Bases.BERT.model();
                ForgettingListener memory = listener(strategy, settings)) {
            Bases.fit(model, 1, 1, memory);
            Bases.fit(model, 2, 1, memory);
            first = outputs(model, memory, "task-1");
            second = outputs(model, memory, "task-2");
            assertThat(first).isNotEqualTo(second);
        }
        try (Model model = Bases.BERT.model();
                ForgettingListener memory = listener(strategy, settings)) {
            Bases.fit(model, 2, 1, memory);
            assertThat(memory.tasks(model).tasks()).containsExactly("task-1", "task-2", "task-3");
            assertThat(outputs(model, memory, "task-1")).isEqualTo(first);
            assertThat(outputs(model, memory, "task-2")).isEqualTo(second);
        }
    }

    @Test
    void tasksOfOtherSettingsAreRefusedByName() {
        try (Model model = Bases.ENCODER.model();
                ForgettingListener memory = listener("prompt-tuning", Map.of("length", 3))) {
            Bases.fit(model, 0, 1, memory);
        }
        try (Model model = Bases.ENCODER.model();
                ForgettingListener memory = listener("prompt-tuning", Map.of("length", 4))) {
            assertThatThrownBy(() -> memory.tasks(model))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("setting length is 4, but was 3");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"prompt-tuning", "prefix-tuning", "prompt-pool"})
    void aThousandStepsLeaveTheNumberOfLiveArraysAsItIs(String strategy) throws Exception {
        try (Model model = Bases.MASKED.model();
                ForgettingListener memory =
                        ForgettingListener.builder()
                                .addStrategy(strategy, Map.of("length", 2))
                                .build();
                Trainer trainer =
                        model.newTrainer(
                                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                        .addTrainingListeners(memory))) {
            int before = 0;
            for (int step = 0; step < 1100; step++) {
                step(trainer);
                before = step == 100 ? LiveArrays.count() : before;
            }
            assertThat(LiveArrays.count()).isEqualTo(before);
        }
    }

    private static void step(Trainer trainer) throws Exception {
        try (NDManager scope = trainer.getManager().newSubManager()) {
            Batch batch = Bases.dataset(scope, 0, 4).getData(scope).iterator().next();
            EasyTrain.trainBatch(trainer, batch);
            trainer.step();
        }
    }

    private static float[] outputs(Model model, ForgettingListener memory, String task) {
        TaskRegistry tasks = memory.tasks(model);
        return Bases.outputs(model, tasks.handle(task).block(), 0);
    }

    private ForgettingListener listener(String strategy, Map<String, ?> settings) {
        return ForgettingListener.builder()
                .addStrategy(strategy, settings)
                .optMemory(directory.resolve("memory"))
                .build();
    }
}
