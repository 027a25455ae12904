package dev.engram.quickstart.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.nn.Parameter;
import dev.engram.djl.ForgettingListener;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which parameters train may change between tasks, and within one. */
class FrozenLayersTest {

    private static final String FIRST = "01Linear";
    private static final Map<String, Object> STRONG = Map.of("lambda", 1e6);

    @ParameterizedTest
    @MethodSource("dev.engram.quickstart.Bundled#overOwnWeights")
    void aLayerMayBeFrozenAndThawedWhileATaskTrains(String strategy) {
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy(strategy).build()) {
            for (int task = 0; task < 2; task++) {
                loop.begin(listener);
                loop.epoch(task, 3, 1, 16);
                freeze(loop, true);
                float[] still = loop.weights().get(FIRST + "_weight");
                loop.epoch(task, 3, 1, 16);
                assertThat(loop.weights().get(FIRST + "_weight")).isEqualTo(still);
                freeze(loop, false);
                loop.epoch(task, 3, 1, 16);
                loop.end();
            }
            assertThat(listener.tasks()).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ewc", "ewc-online", "mas"})
    void aLayerThatWasFrozenWhenATaskWasLearntIsHeldWhenItIsThawed(String strategy) {
        assertThat(moved(strategy, loop -> freeze(loop, false), loop -> {})).isLessThan(0.05);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ewc", "ewc-online", "mas"})
    void aLayerThatIsThawedWithinATrainerIsHeldFromThereOn(String strategy) {
        assertThat(moved(strategy, loop -> {}, loop -> freeze(loop, false))).isLessThan(0.05);
    }

    @Test
    void withoutAGuardTheThawedLayerMoves() {
        assertThat(moved("none", loop -> freeze(loop, false), loop -> {})).isGreaterThan(0.2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"si", "rwalk"})
    void whatThePathOfTrainingKnowsNothingOfIsSaidAndCounted(String strategy) {
        String said =
                Said.by(
                        () -> {
                            try (Loop loop = Loop.of(Loop.mlp());
                                    ForgettingListener listener =
                                            ForgettingListener.builder()
                                                    .addStrategy(strategy)
                                                    .build()) {
                                loop.begin(listener);
                                freeze(loop, true);
                                loop.epoch(0, 8, 1, 16);
                                loop.end();
                                freeze(loop, false);
                                loop.begin(listener);
                                loop.epoch(1, 8, 1, 16);
                                // 16 units over 6 features move freely, 4 over 16 are held.
                                double held = 68.0 / (68 + 112);
                                assertThat(listener.effect(strategy).orElseThrow().heldShare())
                                        .isEqualTo(held, within(1e-6));
                                loop.end();
                            }
                        });
        assertThat(said).contains("knows nothing of 2 parameters").contains(FIRST + "_weight");
    }

    @Test
    void frozenParametersAreAsTheyWereAfterATaskWasLearnt() {
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("ewc").build()) {
            loop.begin(listener);
            freeze(loop, true);
            loop.epoch(0, 4, 1, 16);
            loop.end();
            Parameter frozen = loop.model.getBlock().getParameters().get(FIRST + "_weight");
            assertThat(frozen.requiresGradient()).isFalse();
            assertThat(frozen.getArray().hasGradient()).isFalse();
        }
    }

    /** Returns how far the first layer moved in a second task, after one that it was frozen in. */
    private static double moved(String strategy, Consumer<Loop> before, Consumer<Loop> within) {
        try (Loop loop = Loop.of(Loop.mlp())) {
            loop.begin();
            loop.epoch(0, 30, 1, 32);
            loop.end();
            if (strategy.equals("none")) {
                before.accept(loop);
                return move(loop, within);
            }
            try (ForgettingListener listener =
                    ForgettingListener.builder().addStrategy(strategy, STRONG).build()) {
                freeze(loop, true);
                loop.begin(Loop.loss(1), 0.05f, listener);
                loop.epoch(0, 10, 1, 32);
                loop.end();
                before.accept(loop);
                return move(loop, within, listener);
            }
        }
    }

    private static double move(Loop loop, Consumer<Loop> within, ForgettingListener... listeners) {
        float[] start = loop.weights().get(FIRST + "_weight");
        loop.begin(Loop.loss(1), 0.05f, listeners);
        loop.epoch(1, 2, 1, 32);
        within.accept(loop);
        loop.epoch(1, 40, 1, 32);
        loop.end();
        float[] end = loop.weights().get(FIRST + "_weight");
        double most = 0;
        for (int i = 0; i < start.length; i++) {
            most = Math.max(most, Math.abs(end[i] - start[i]));
        }
        return most;
    }

    private static void freeze(Loop loop, boolean isFrozen) {
        loop.model
                .getBlock()
                .getParameters()
                .forEach(
                        entry -> {
                            if (entry.getKey().startsWith(FIRST)) {
                                entry.getValue().freeze(isFrozen);
                            }
                        });
    }
}
