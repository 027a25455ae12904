package dev.engram.ewc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.training.optimizer.Optimizer;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.memory.LearntTask;
import dev.engram.tck.LiveArrays;
import dev.engram.tck.SmallTasks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EwcTest {

    private static final Map<String, ?> STRONG = Map.of("lambda", 10);

    @TempDir private Path memory;

    @ParameterizedTest
    @ValueSource(strings = {"ewc", "ewc-online"})
    void theOldTaskStaysWhereTheUnguardedControlForgetsIt(String strategy) {
        double control;
        try (Model model = Toy.model(Toy.mlp())) {
            Toy.fit(model, 0, 10, Toy.adam());
            assertThat(Toy.accuracy(model, 0)).isGreaterThan(0.9);
            Toy.fit(model, 1, 40, Toy.adam());
            control = Toy.accuracy(model, 0);
        }
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = listener(strategy, STRONG)) {
            Toy.fit(model, 0, 10, Toy.adam(), listener);
            Toy.fit(model, 1, 40, Toy.adam(), listener);
            assertThat(Toy.accuracy(model, 0)).isGreaterThan(control + 0.1);
            assertThat(listener.effect(strategy).orElseThrow().penalty()).isPositive();
            assertThat(listener.effect(strategy).orElseThrow().gradientShare())
                    .isBetween(0.01, 1.0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ewc", "ewc-online"})
    void anyFiniteLambdaStaysFiniteAndKeepsTheOldTask(String strategy) {
        for (Object lambda : new Object[] {1e12, Double.MAX_VALUE}) {
            for (Optimizer optimizer : List.of(Toy.adam(), Toy.sgd(0.1f))) {
                try (Model model = Toy.model(Toy.mlp());
                        ForgettingListener listener =
                                listener(strategy, Map.of("lambda", lambda, "scale", "raw"))) {
                    Toy.fit(model, 0, 20, Toy.adam(), listener);
                    double before = Toy.accuracy(model, 0);
                    Toy.fit(model, 1, 5, optimizer, listener);
                    assertThat(Toy.finite(model)).isTrue();
                    assertThat(Toy.accuracy(model, 0)).isGreaterThan(before - 0.15);
                }
            }
        }
    }

    @Test
    void aTorchScriptModelIsGuardedAloneAndAsAChild() throws Exception {
        for (boolean child : new boolean[] {false, true}) {
            try (Model script = SmallTasks.torchScript();
                    ForgettingListener listener = listener("ewc", STRONG)) {
                if (child) {
                    script.setBlock(new SequentialBlock().add(script.getBlock()));
                }
                Toy.fit(script, 0, 3, Toy.adam(), listener);
                Toy.fit(script, 1, 3, Toy.adam(), listener);
                assertThat(listener.tasks())
                        .extracting(LearntTask::name)
                        .containsExactly("task-1", "task-2");
                assertThat(listener.effect("ewc").orElseThrow().penalty()).isPositive();
            }
        }
    }

    @Test
    void consolidationLeavesATorchScriptModelInTheModeItWasIn() throws Exception {
        try (Model script = SmallTasks.torchScript();
                ForgettingListener listener = listener("ewc", STRONG)) {
            NDManager manager = script.getNDManager();
            try (Trainer trainer = Toy.trainer(script, Toy.adam(), listener)) {
                EasyTrain.fit(trainer, 1, Toy.dataset(manager, 0, 128), null);
                listener.endTask();
                var x = new ai.djl.ndarray.NDList(manager.ones(new Shape(4, Toy.FEATURES)));
                // Dropout of one half makes two training passes differ; evaluation must not.
                assertThat(trainer.forward(x).head().toFloatArray())
                        .isNotEqualTo(trainer.forward(x).head().toFloatArray());
                assertThat(trainer.evaluate(x).head().toFloatArray())
                        .isEqualTo(trainer.evaluate(x).head().toFloatArray());
            }
        }
    }

    @Test
    void aThousandGuardedStepsLeaveTheNumberOfLiveArraysUnchanged() throws Exception {
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = listener("ewc-online", STRONG)) {
            Toy.fit(model, 0, 2, Toy.adam(), listener);
            try (Trainer trainer = Toy.trainer(model, Toy.adam(), listener)) {
                // The kept sample must be full: until then it may grow.
                steps(trainer, model, 200);
                int before = LiveArrays.count();
                steps(trainer, model, 1000);
                assertThat(LiveArrays.count()).isEqualTo(before);
            }
        }
    }

    @Test
    void aSecondProcessGoesOnWithIdenticalPenalties() throws Exception {
        Path copy = Files.createTempDirectory("engram");
        Map<String, byte[]> inOneGo;
        Map<String, byte[]> afterRestart;
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = remembering("ewc")) {
            Toy.fit(model, 0, 3, Toy.adam(), listener);
            copy(memory.resolve("generation-000001"), copy.resolve("generation-000001"));
            inOneGo = secondTask(model, listener);
        }
        try (Model model = Toy.model(Toy.mlp())) {
            // The same seed gives the weights of the first task again.
            Toy.fit(model, 0, 3, Toy.adam());
            try (ForgettingListener restored =
                    ForgettingListener.builder()
                            .addStrategy("ewc", STRONG)
                            .optMemory(copy)
                            .build()) {
                assertThat(restored.tasks()).extracting(LearntTask::name).containsExactly("task-1");
                afterRestart = secondTask(model, restored);
            }
        }
        assertThat(afterRestart).containsExactlyInAnyOrderEntriesOf(inOneGo);
    }

    @Test
    void aMemoryOfAnotherModelIsRefusedBeforeTraining() {
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = remembering("ewc")) {
            Toy.fit(model, 0, 1, Toy.adam(), listener);
        }
        try (Model other =
                        Toy.model(
                                new SequentialBlock()
                                        .add(ai.djl.nn.core.Linear.builder().setUnits(7).build()));
                ForgettingListener listener = remembering("ewc")) {
            assertThatThrownBy(() -> Toy.fit(other, 1, 1, Toy.adam(), listener))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining(
                            "01Linear_weight has shape (7, 8) in the model, but (32, 8)");
        }
    }

    @Test
    void whatOneStrategyLearntIsNotSilentlyLostToAnother() {
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = remembering("ewc")) {
            Toy.fit(model, 0, 1, Toy.adam(), listener);
        }
        assertThatThrownBy(() -> remembering("ewc-online"))
                .hasMessageContaining("[ewc]")
                .hasMessageContaining("would be lost");
    }

    @Test
    void aTrainingThatFailedIsNotLearnt() throws Exception {
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = remembering("ewc")) {
            assertThatThrownBy(
                            () -> {
                                try (Trainer trainer = Toy.trainer(model, Toy.adam(), listener)) {
                                    EasyTrain.fit(
                                            trainer,
                                            1,
                                            Toy.dataset(model.getNDManager(), 0, 64),
                                            null);
                                    steps(trainer, model, 3);
                                    throw new IllegalStateException("disk on fire");
                                }
                            })
                    .hasMessage("disk on fire");
            assertThat(listener.tasks()).isEmpty();
            assertThat(memory).isDirectoryNotContaining("glob:**generation*");
        }
    }

    @Test
    void aBaseModelIsRememberedFromDataOrFromItsWeightsAlone() {
        for (boolean withData : new boolean[] {true, false}) {
            try (Model base = Toy.model(Toy.mlp())) {
                Toy.fit(base, 0, 10, Toy.adam());
                try (ForgettingListener listener = listener("ewc", STRONG)) {
                    listener.nextTask("base");
                    if (withData) {
                        listener.remember(base, Toy.dataset(base.getNDManager(), 0, 256));
                    } else {
                        listener.remember(base);
                    }
                    Toy.fit(base, 1, 10, Toy.adam(), listener);
                    assertThat(Toy.accuracy(base, 0)).isGreaterThan(0.75);
                    assertThat(listener.tasks())
                            .extracting(LearntTask::name)
                            .containsExactly("base", "task-1");
                }
            }
        }
    }

    @Test
    void tasksWithinOneTrainerAreBoundedByTheUser() throws Exception {
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = listener("ewc", STRONG);
                Trainer trainer = Toy.trainer(model, Toy.adam(), listener)) {
            listener.nextTask("first");
            steps(trainer, model, 5);
            listener.nextTask("second");
            steps(trainer, model, 5);
            listener.endTask();
            assertThat(listener.tasks())
                    .extracting(LearntTask::name)
                    .containsExactly("first", "second");
            assertThatThrownBy(() -> listener.nextTask("first"))
                    .hasMessageContaining("already learnt");
            assertThatThrownBy(listener::endTask).hasMessageContaining("No task is in training");
        }
    }

    @Test
    void aLoopThatStepsBeforeItNotifiesIsToldSo() throws Exception {
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = listener("ewc", STRONG);
                Trainer trainer = Toy.trainer(model, Toy.adam(), listener)) {
            Batch batch = firstBatch(model);
            BatchData data = forwardBackward(trainer, batch);
            trainer.step();
            assertThatThrownBy(() -> trainer.notifyListeners(l -> l.onTrainingBatch(trainer, data)))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("trainer.step() too early");
        }
    }

    @Test
    void allWrongSettingsAreToldAtOnceWithTheNearestKey() {
        assertThatThrownBy(
                        () -> listener("ewc", Map.of("lamda", 1, "scale", "big", "batch-size", 0)))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("3 problems")
                .hasMessageContaining("did you mean \"lambda\"")
                .hasMessageContaining("one of raw, normalised")
                .hasMessageContaining("batch-size = \"0\"");
    }

    @Test
    void theTwoFormsOfEwcConflict() {
        assertThatThrownBy(
                        () ->
                                ForgettingListener.builder()
                                        .addStrategy("ewc")
                                        .addStrategy("ewc-online")
                                        .build())
                .hasMessageContaining("do not go together");
    }

    private Map<String, byte[]> secondTask(Model model, ForgettingListener listener) {
        Engine.getInstance().setRandomSeed(7);
        Toy.fit(model, 1, 3, Toy.sgd(0.05f), listener);
        Map<String, byte[]> weights = new TreeMap<>();
        model.getBlock()
                .getParameters()
                .forEach(p -> weights.put(p.getKey(), p.getValue().getArray().toByteArray()));
        return weights;
    }

    private ForgettingListener remembering(String strategy) {
        return ForgettingListener.builder().addStrategy(strategy, STRONG).optMemory(memory).build();
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static ForgettingListener listener(String strategy, Map<String, ?> settings) {
        return ForgettingListener.builder().addStrategy(strategy, settings).build();
    }

    private static Batch firstBatch(Model model) throws Exception {
        NDManager manager = model.getNDManager();
        return Toy.dataset(manager, 0, 64).getData(manager).iterator().next();
    }

    private static BatchData forwardBackward(Trainer trainer, Batch batch) {
        ai.djl.ndarray.NDList predictions;
        try (var collector = trainer.newGradientCollector()) {
            predictions = trainer.forward(batch.getData());
            collector.backward(trainer.getLoss().evaluate(batch.getLabels(), predictions));
        }
        return new BatchData(
                batch,
                Map.of(trainer.getDevices()[0], batch.getLabels()),
                Map.of(trainer.getDevices()[0], predictions));
    }

    private static void steps(Trainer trainer, Model model, int steps) throws Exception {
        NDManager manager = model.getNDManager();
        int done = 0;
        try (NDManager data = manager.newSubManager()) {
            while (done < steps) {
                for (Batch batch : Toy.dataset(data, 1, 512).getData(data)) {
                    if (done++ < steps) {
                        EasyTrain.trainBatch(trainer, batch);
                        trainer.step();
                    }
                    batch.close();
                }
            }
        }
    }
}
