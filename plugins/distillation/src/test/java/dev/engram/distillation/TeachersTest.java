package dev.engram.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.ParameterList;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.sleep.SleepingMemory;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.SmallTasks;
import dev.engram.tck.support.IsolatingProvider;
import dev.engram.tck.support.Said;
import dev.engram.tck.support.SmallModels;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who teaches, and what can be taught. */
class TeachersTest {

    /** What a rounding of float32 leaves of a divergence of nothing. */
    private static final double NOTHING = 1e-5;

    @Test
    void aMovingAverageIsNearerToTheModelThanTheLastTaskAndWithoutMemoryTheModelItself() {
        double average = penalty(Map.of("teacher", "ema", "ema", 0.9));
        assertThat(penalty(Map.of("teacher", "ema", "ema", 0))).isLessThan(NOTHING);
        assertThat(average).isGreaterThan(NOTHING).isLessThan(penalty(Map.of()));
    }

    private static double penalty(Map<String, ?> settings) {
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener = listener("lwf", settings)) {
            SmallTasks.fit(model, 0, 2, SmallModels.adam(), listener);
            SmallTasks.fit(model, 1, 2, SmallModels.adam(), listener);
            return listener.effect("lwf").orElseThrow().penalty();
        }
    }

    @Test
    void aMovingAverageFollowsAHeadThatHasGrown() {
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener =
                        listener("lwf", Map.of("teacher", "ema", "ema", 0, "heads", "shared"))) {
            SmallTasks.fit(model, 0, 2, SmallModels.adam(), listener);
            try (Model grown =
                    SmallModels.model(SmallModels.grown(model, SmallTasks.CLASSES + 2))) {
                for (int task = 1; task < 3; task++) {
                    SmallTasks.fit(grown, task, 2, SmallModels.adam(), listener);
                    assertThat(listener.effect("lwf").orElseThrow().penalty()).isLessThan(NOTHING);
                }
                assertThat(listener.tasks()).hasSize(3);
            }
        }
    }

    /** A step of length 0 leaves the model as it sleeps: what is added tells who teaches. */
    @ParameterizedTest
    @CsvSource({"lwf, true", "kl, false"})
    void whatSleepMovedIsTheTeacherOfTheNextTaskButNotInPlaceOfABase(
            String strategy, boolean isTaught) {
        Optimizer still =
                Optimizer.sgd().setLearningRateTracker(Tracker.fixed(Float.MIN_VALUE)).build();
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener = listener(strategy, Map.of())) {
            SmallTasks.fit(model, 0, 2, SmallModels.adam(), listener);
            try (SleepingMemory memory = listener.sleeping(model)) {
                try (NDArray handle = head(model).stopGradient()) {
                    handle.muli(2);
                }
                assertThat(memory.settle(Loss.softmaxCrossEntropyLoss())).containsExactly(strategy);
            }
            SmallTasks.fit(model, 1, 1, still, listener);
            double penalty = listener.effect(strategy).orElseThrow().penalty();
            assertThat(penalty < NOTHING).isEqualTo(isTaught);
        }
    }

    private static NDArray head(Model model) {
        ParameterList all = model.getBlock().getParameters();
        return all.valueAt(all.size() - 2).getArray();
    }

    @Test
    void featuresUnderFrozenLayersAreNoReasonToStop() {
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener = listener("feature-distillation", Map.of())) {
            SmallTasks.fit(model, 0, 1, SmallModels.adam(), listener);
            model.getBlock().getChildren().get(0).getValue().freezeParameters(true);
            SmallTasks.fit(model, 1, 1, SmallModels.adam(), listener);
            assertThat(listener.tasks()).hasSize(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"by-task, true", "shared, false"})
    void thatTheClassesOfABaseWithoutDataAreNotKnownIsSaidWhereTheyCount(
            String heads, boolean isSaid) {
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy("lwf", Map.of("heads", heads))
                                .optBase(Base.PROTECT)
                                .build()) {
            SmallTasks.fit(model, 0, 1, SmallModels.adam());
            String said = Said.by(() -> SmallTasks.fit(model, 1, 1, SmallModels.adam(), listener));
            assertThat(said.contains("lwf cannot tell the classes of a base without data"))
                    .isEqualTo(isSaid);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lwf", "kl", "feature-distillation"})
    void besideParametersOfEachTasksOwnItIsRefused(String strategy) {
        assertThatThrownBy(
                        () ->
                                ForgettingListener.builder()
                                        .addProvider(new IsolatingProvider())
                                        .addStrategy("isolating")
                                        .addStrategy(strategy)
                                        .build())
                .hasMessageContaining(
                        strategy + " allows no other isolation, but isolating is one");
    }

    private static ForgettingListener listener(String strategy, Map<String, ?> settings) {
        return ForgettingListener.builder()
                .addStrategy(strategy, settings)
                .optBase(Base.IGNORE)
                .build();
    }

    @Test
    void optionsOutOfBoundsAreRefused() {
        assertThatThrownBy(() -> Distillation.builder().optTemperature(0).build())
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("temperature = 0.0");
    }
}
