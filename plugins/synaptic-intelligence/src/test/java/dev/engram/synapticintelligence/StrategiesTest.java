package dev.engram.synapticintelligence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.memory.LearntTask;
import dev.engram.tck.LiveArrays;
import dev.engram.tck.SmallTasks;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrategiesTest {

    private static final Map<String, ?> STRONG = Map.of("lambda", 10);

    @TempDir private Path memory;

    @Test
    void bothAreFoundByIdWithTheSpiVersionThatTheyWereBuiltFor() {
        List<StrategyProvider> found =
                ServiceLoader.load(StrategyProvider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList();
        assertThat(found).extracting(StrategyProvider::id).contains("si", "rwalk");
        assertThat(found).extracting(StrategyProvider::spiVersion).containsOnly(SpiVersion.CURRENT);
    }

    @Test
    void theyConflictWithEachOtherButNotWithEveryPenalty() {
        assertThatThrownBy(
                        () ->
                                ForgettingListener.builder()
                                        .addStrategy("si")
                                        .addStrategy("rwalk")
                                        .build())
                .hasMessageContaining("do not go together");
        for (StrategyProvider provider : List.of(new SiProvider(), new RWalkProvider())) {
            assertThat(provider.roles()).contains(Role.PENALTY);
            assertThat(provider.excludedRoles()).doesNotContain(Role.PENALTY);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"si", "rwalk"})
    void theOldTaskStaysWhereTheUnguardedControlForgetsIt(String strategy) {
        double control;
        float[] unguarded;
        try (Model model = Toy.model(Toy.mlp())) {
            Toy.fit(model, 0, 10, Toy.adam());
            assertThat(Toy.accuracy(model, 0)).isGreaterThan(0.9);
            Toy.fit(model, 1, 40, Toy.adam());
            control = Toy.accuracy(model, 0);
            unguarded = weights(model);
        }
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = listener(strategy, STRONG)) {
            Toy.fit(model, 0, 10, Toy.adam(), listener);
            Toy.fit(model, 1, 40, Toy.adam(), listener);
            assertThat(weights(model)).isNotEqualTo(unguarded);
            assertThat(Toy.accuracy(model, 0)).isGreaterThan(control + 0.1);
            assertThat(listener.effect(strategy).orElseThrow().penalty()).isPositive();
            assertThat(listener.effect(strategy).orElseThrow().gradientShare())
                    .isBetween(0.01, 1.0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"si", "rwalk"})
    void theFirstTaskTrainsExactlyAsWithoutAListener(String strategy) {
        float[] unguarded;
        try (Model model = Toy.model(Toy.mlp())) {
            Toy.fit(model, 0, 2, Toy.adam());
            unguarded = weights(model);
        }
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = listener(strategy, STRONG)) {
            Toy.fit(model, 0, 2, Toy.adam(), listener);
            assertThat(weights(model)).isEqualTo(unguarded);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"si", "rwalk"})
    void everyImportanceIsFiniteAndNeverNegative(String strategy) {
        Captured captured =
                new Captured(
                        strategy.equals("si")
                                ? PathIntegralImportance.builder().build()
                                : WalkImportance.builder().build());
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(captured).build()) {
            Toy.fit(model, 0, 3, Toy.adam(), listener);
            assertThat(captured.found()).hasSize(4);
            captured.found()
                    .forEach(
                            (name, values) -> {
                                assertThat(values).doesNotContain(Float.NaN);
                                for (float value : values) {
                                    assertThat(value).isBetween(0f, Float.MAX_VALUE);
                                }
                            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"si", "rwalk"})
    void anyFiniteLambdaStaysFinite(String strategy) {
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener =
                        listener(strategy, Map.of("lambda", 1e30, "scale", "raw"))) {
            Toy.fit(model, 0, 5, Toy.adam(), listener);
            Toy.fit(model, 1, 5, Toy.sgd(0.1f), listener);
            assertThat(Toy.finite(model)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"si", "rwalk"})
    void aThousandGuardedStepsLeaveTheNumberOfLiveArraysUnchanged(String strategy)
            throws Exception {
        try (Model model = Toy.model(Toy.mlp());
                ForgettingListener listener = listener(strategy, STRONG)) {
            Toy.fit(model, 0, 2, Toy.adam(), listener);
            try (Trainer trainer = Toy.trainer(model, Toy.adam(), listener)) {
                // The kept sample must be full: until then it may grow.
                steps(trainer, model, 200);
                int before = LiveArrays.count();
                steps(trainer, model, 1000);
                assertThat(LiveArrays.count()).isEqualTo(before);
                // Begin, integral and latest gradient of four parameters, at least, go with the
                // task.
                listener.endTask();
                assertThat(LiveArrays.count()).isLessThanOrEqualTo(before - 3 * 4);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"si", "rwalk"})
    void aTorchScriptModelIsGuarded(String strategy) {
        try (Model model = SmallTasks.torchScript();
                ForgettingListener listener = listener(strategy, STRONG)) {
            Toy.fit(model, 0, 3, Toy.adam(), listener);
            Toy.fit(model, 1, 3, Toy.adam(), listener);
            assertThat(listener.effect(strategy).orElseThrow().penalty()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"si", "rwalk"})
    void aBaseModelTrainedElsewhereIsHeldUniformlyAndNotUnprotected(String strategy) {
        try (Model base = Toy.model(Toy.mlp());
                ForgettingListener listener = listener(strategy, STRONG)) {
            Toy.fit(base, 0, 10, Toy.adam());
            listener.remember(base, Toy.dataset(base.getNDManager(), 0, 256));
            Toy.fit(base, 1, 10, Toy.adam(), listener);
            assertThat(listener.effect(strategy).orElseThrow().penalty()).isPositive();
            assertThat(Toy.accuracy(base, 0)).isGreaterThan(0.75);
        }
    }

    @Test
    void aSecondProcessGoesOnWithThePenaltyOfTheFirst() {
        try (Model model = Toy.model(Toy.mlp())) {
            try (ForgettingListener first = remembering()) {
                Toy.fit(model, 0, 3, Toy.adam(), first);
            }
            try (ForgettingListener second = remembering()) {
                assertThat(second.tasks()).extracting(LearntTask::name).containsExactly("task-1");
                Toy.fit(model, 1, 3, Toy.adam(), second);
                assertThat(second.effect("si").orElseThrow().penalty()).isPositive();
            }
        }
    }

    private ForgettingListener remembering() {
        return ForgettingListener.builder().addStrategy("si", STRONG).optMemory(memory).build();
    }

    private static ForgettingListener listener(String strategy, Map<String, ?> settings) {
        return ForgettingListener.builder().addStrategy(strategy, settings).build();
    }

    private static float[] weights(Model model) {
        return model.getBlock().getParameters().valueAt(0).getArray().toFloatArray();
    }

    private static void steps(Trainer trainer, Model model, int steps) throws Exception {
        int done = 0;
        try (NDManager data = model.getNDManager().newSubManager()) {
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
