package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong around a training neither changes the base nor loses what was learnt. */
class IsolationAccidentsTest {

    private static final Bases KIND = Bases.ENCODER;

    @TempDir Path folder;
    private Model model;
    private ForgettingListener memory;
    private Block base;
    private float[] outputs;

    @BeforeEach
    void open() {
        model = KIND.model();
        memory = listener();
        base = model.getBlock();
        outputs = KIND.outputs(model, base, 0);
    }

    @AfterEach
    void close() {
        memory.close();
        model.close();
        assertThat(memory.isolates()).isTrue();
    }

    @Test
    void aTrainerThatIsClosedOnceMoreDoesNotEndTheNextOne() throws Exception {
        Trainer first = trainer(1e-2f, memory);
        fit(first, 0);
        first.close();
        try (Trainer second = trainer(1e-2f, memory)) {
            first.close();
            memory.onTrainingEnd(first);
            fit(second, 1);
        }
        assertThat(memory.tasks(model).tasks()).containsExactly("task-1", "task-2");
        assertThat(KIND.outputs(model, base, 0)).isEqualTo(outputs);
    }

    @Test
    void aTaskThatDivergedIsNotLearntAndTheOthersStay() throws Exception {
        KIND.fit(model, 0, 1, memory);
        Trainer diverging = trainer(Float.NaN, memory);
        fit(diverging, 1);
        assertThatThrownBy(diverging::close)
                .hasMessageContaining("task-2")
                .hasMessageContaining("diverged")
                .hasMessageContaining("lora_A");
        try (ForgettingListener again = listener()) {
            assertThat(again.tasks(model).tasks()).containsExactly("task-1");
        }
        assertThat(model.getBlock()).isSameAs(base);
        KIND.fit(model, 1, 1, memory);
        assertThat(memory.tasks(model).tasks()).hasSize(2);
    }

    @Test
    void whatWasLearntUnderANameStaysUnderIt() {
        KIND.fit(model, 0, 1, memory);
        TaskRegistry tasks = memory.tasks(model);
        try (NDManager manager = model.getNDManager().newSubManager()) {
            Map<String, NDArray> tensors = tasks.tensors("task-1", manager);
            assertRefused(() -> tasks.load("task-1", tensors), "learnt here");
            assertRefused(() -> tasks.combine("task-1", Map.of("task-1", 1.0)), "learnt here");
            tasks.load("copy", tensors);
        }
        assertThat(tasks.tasks()).containsExactly("task-1", "copy");
    }

    @Test
    void aMergeThatFailsOnTheWayLeavesTheBaseAsItWas() {
        KIND.fit(model, 0, 1, memory);
        TaskRegistry tasks = memory.tasks(model);
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDList nothing = new NDList(manager.zeros(new Shape(0, 4, 16)));
            assertThatThrownBy(() -> tasks.merge("task-1", nothing, 1e-5));
        }
        assertThat(KIND.outputs(model, base, 0)).isEqualTo(outputs);
        assertThat(tasks.tasks()).containsExactly("task-1");
    }

    @Test
    void theRegistryRefusesWhatWouldSpoilATraining() throws Exception {
        KIND.fit(model, 0, 1, memory);
        TaskRegistry tasks = memory.tasks(model);
        try (Trainer trainer = trainer(1e-2f, memory)) {
            fit(trainer, 1);
            assertRefused(tasks::install, "close its trainer first");
            assertRefused(() -> tasks.unload("task-1"), "close its trainer first");
            assertRefused(() -> tasks.merge("task-1", new NDList(), 1), "close its trainer first");
            assertRefused(tasks::close, "close its trainer first");
        }
        assertThat(tasks.tasks()).containsExactly("task-1", "task-2");
    }

    @Test
    void afterATrainingTheInstalledRegistryServesTheTaskThatItServedBefore() {
        KIND.fit(model, 0, 1, memory);
        TaskRegistry tasks = memory.tasks(model);
        tasks.install();
        tasks.activate("task-1");
        Block serving = model.getBlock();
        float[] before = KIND.outputs(model, serving, 0);
        KIND.fit(model, 1, 1, memory);
        assertThat(model.getBlock()).isSameAs(serving);
        assertThat(tasks.active()).isEqualTo("task-1");
        assertThat(KIND.outputs(model, serving, 0)).isEqualTo(before);
    }

    @Test
    void aRefusedTrainerLeavesTheListenerFree() {
        KIND.fit(model, 0, 1, memory);
        memory.tasks(model).unload("task-1");
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> trainer(1e-2f, memory)).hasMessageContaining("unloaded");
        }
        assertThat(memory.tasks(model).tasks()).isEmpty();
    }

    @Test
    void tasksAreNotServedOverABaseThatChanged() {
        KIND.fit(model, 0, 1, memory);
        NDArray weight = base.getParameters().valueAt(0).getArray();
        weight.setRequiresGradient(false);
        weight.addi(1);
        assertRefused(() -> memory.tasks(model), "the base has other values");
    }

    @Test
    void aSumHasFiniteWeightsAndOneOrder() {
        for (int task = 0; task < 3; task++) {
            KIND.fit(model, task, 1, memory);
        }
        TaskRegistry tasks = memory.tasks(model);
        assertRefused(() -> tasks.combine("no", Map.of("task-1", Double.NaN)), "\"task-1\" is NaN");
        Map<String, Double> upwards = new LinkedHashMap<>();
        Map<String, Double> downwards = new LinkedHashMap<>();
        for (int i = 1; i <= 3; i++) {
            upwards.put("task-" + i, 0.1 * i);
            downwards.put("task-" + (4 - i), 0.1 * (4 - i));
        }
        tasks.combine("up", upwards);
        tasks.combine("down", downwards);
        assertThat(KIND.outputs(model, tasks.handle("up").block(), 0))
                .isEqualTo(KIND.outputs(model, tasks.handle("down").block(), 0));
    }

    @Test
    void aBaseUnderIsolatedTasksNeedsNoRemembering() {
        assertRefused(() -> memory.remember(model), "nothing to remember");
    }

    @Test
    void twoListenersWithParametersOfTheirOwnAreRefusedAtTheStart() {
        try (ForgettingListener other =
                ForgettingListener.builder().addStrategy("lora", Map.of()).build()) {
            assertRefused(() -> trainer(1e-2f, memory, other), "one such listener a trainer");
        }
    }

    @Test
    void aTrainerOnAnotherDeviceThanTheModelsIsRefusedSinceItWouldTrainCopies() {
        DefaultTrainingConfig elsewhere =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optDevices(new Device[] {Device.gpu()})
                        .addTrainingListeners(memory);
        assertRefused(() -> model.newTrainer(elsewhere), "would not be written down");
        assertThat(model.getBlock()).isSameAs(base);
    }

    private ForgettingListener listener() {
        return ForgettingListener.builder().addStrategy("lora").optMemory(folder).build();
    }

    private Trainer trainer(float rate, TrainingListenerAdapter... listeners) {
        return model.newTrainer(
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(
                                Optimizer.sgd().setLearningRateTracker(Tracker.fixed(rate)).build())
                        .addTrainingListeners(listeners));
    }

    private void fit(Trainer trainer, int task) throws Exception {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            EasyTrain.fit(trainer, 1, KIND.dataset(manager, task, 128), null);
        }
    }

    private static void assertRefused(ThrowingCallable call, String why) {
        assertThatThrownBy(call).isInstanceOf(EngramException.class).hasMessageContaining(why);
    }
}
