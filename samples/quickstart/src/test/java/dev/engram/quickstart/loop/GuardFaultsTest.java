package dev.engram.quickstart.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a plug-in does wrong is told with its name, and harms nobody else. */
class GuardFaultsTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void oneThatMakesGradientsNaNStopsBeforeTheStepWithItsName(int when) {
        TestGuard guard = new TestGuard("acme");
        guard.onBackward =
                step -> {
                    if (step.step() == when) {
                        TestGuard.fill(step, Float.NaN);
                    }
                };
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener = listener(guard)) {
            loop.begin(listener);
            assertThatThrownBy(() -> loop.epoch(0, 8, 1, 16))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("\"acme\"")
                    .hasMessageContaining("not finite at step " + when);
            loop.weights().values().forEach(GuardFaultsTest::requireFinite);
            loop.end();
            assertThat(listener.tasks()).isEmpty();
        }
    }

    @Test
    void oneThatKeepsAnArrayAStepIsToldAtTheEndOfTheEpoch() {
        List<NDArray> kept = new ArrayList<>();
        TestGuard guard = new TestGuard("acme");
        guard.onBackward = step -> kept.add(step.parameters().get(0).value().duplicate());
        assertThat(Said.by(() -> train(guard, 16)))
                .contains("\"acme\" leaves an array behind at every step");
        kept.forEach(NDArray::close);
        assertThat(Said.by(() -> train(new TestGuard("tidy"), 16))).doesNotContain("leaves");
    }

    @Test
    void oneThatKeepsAnArrayUntilTheNextStepIsNoLeak() {
        List<NDArray> kept = new ArrayList<>();
        TestGuard guard = new TestGuard("acme");
        guard.onBackward = step -> kept.add(step.parameters().get(0).value().duplicate());
        guard.onGradient = step -> kept.forEach(NDArray::close);
        assertThat(Said.by(() -> train(guard, 16))).doesNotContain("leaves");
    }

    @Test
    void whatTheLoopItselfKeepsAStepIsNoLeakOfAGuardThatUsesScratch() {
        List<NDArray> kept = new ArrayList<>();
        TestGuard loop = new TestGuard("loop");
        loop.onGradient = step -> kept.add(step.parameters().get(0).value().duplicate());
        loop.onBackward = step -> step.scratch().ones(new Shape(3));
        assertThat(Said.by(() -> train(loop, 16))).doesNotContain("leaves");
        kept.forEach(NDArray::close);
    }

    @Test
    void oneThatFailsAtTheEndOfTheOnlyEpochLeavesTheTaskUnlearnt() {
        TestGuard guard = new TestGuard("acme");
        guard.onEpoch =
                training -> {
                    throw new IllegalArgumentException("no");
                };
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener = listener(guard)) {
            loop.begin(listener);
            assertThatThrownBy(() -> loop.epoch(0, 3, 1, 16)).hasMessageContaining("\"acme\"");
            loop.end();
            assertThat(listener.tasks()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ewc", "mas", "si", "er", "der-plus-plus"})
    void oneThatFailsAtTheEndOfATaskLeavesTheOthersAsTheyWere(String strategy) {
        assertThat(afterFailure(strategy, true))
                .usingRecursiveComparison()
                .isEqualTo(afterFailure(strategy, false));
    }

    /** Trains a task that fails to end, or is broken off, and another of the same name. */
    private static Map<String, float[]> afterFailure(String strategy, boolean fails) {
        TestGuard guard = new TestGuard("acme");
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy(strategy)
                                .addGuard(guard)
                                .build()) {
            loop.begin(listener);
            loop.epoch(0, 5, 1, 16);
            loop.end();
            guard.onTaskEnd =
                    task -> {
                        throw new IllegalArgumentException("no");
                    };
            listener.nextTask("again");
            loop.begin(listener);
            if (fails) {
                loop.epoch(1, 5, 1, 16);
                assertThatThrownBy(loop::end).hasMessageContaining("\"acme\" failed");
            } else {
                epochWithoutEnd(loop, 1);
                loop.end();
            }
            assertThat(guard.calls).contains("aborted again");
            guard.onTaskEnd = task -> {};
            listener.nextTask("again");
            loop.begin(listener);
            loop.epoch(1, 5, 1, 16);
            loop.end();
            assertThat(listener.tasks()).hasSize(2);
            return loop.weights();
        }
    }

    private static void epochWithoutEnd(Loop loop, int task) {
        for (int group = 0; group < 5; group++) {
            loop.backward(Loop.data(task, group, 16), 0, 16);
            loop.trainer.step();
        }
    }

    @Test
    void oneThatFailsToBeginLeaksNothingAndTheListenerGoesOn() {
        TestGuard other = new TestGuard("other");
        TestGuard guard = new TestGuard("acme");
        guard.onTaskBegin =
                training -> {
                    throw new IllegalArgumentException("no");
                };
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener = listener(other, guard)) {
            loop.begin(listener);
            attempt(loop);
            int arrays = arrays();
            attempt(loop);
            attempt(loop);
            assertThat(arrays()).isEqualTo(arrays);
            assertThat(other.calls).contains("aborted task-1");
            guard.onTaskBegin = training -> {};
            loop.zero();
            loop.epoch(0, 3, 1, 16);
            loop.end();
            assertThat(listener.tasks()).hasSize(1);
        }
    }

    private static void attempt(Loop loop) {
        assertThatThrownBy(() -> loop.backward(Loop.data(0, 0, 16), 0, 16))
                .hasMessageContaining("\"acme\" failed at the begin of task");
    }

    @Test
    void whatEachMakesForACallGoesBeforeTheNextIsCalled() {
        TestGuard first = new TestGuard("first");
        TestGuard second = new TestGuard("second");
        List<Boolean> open = new ArrayList<>();
        second.onTaskEnd = task -> open.add(first.scratch.get(0).isOpen());
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener = listener(first, second)) {
            loop.begin(listener);
            loop.epoch(0, 3, 1, 16);
            loop.end();
        }
        assertThat(open).containsExactly(false);
    }

    @Test
    void itsOwnSecondCollectorIsNotTheLoopsFault() {
        TestGuard guard = new TestGuard("acme");
        guard.onBackward =
                step -> {
                    try (GradientCollector one = step.trainer().newGradientCollector();
                            GradientCollector two = step.trainer().newGradientCollector()) {
                        assertThat(one).isNotEqualTo(two);
                    }
                };
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener = listener(guard)) {
            loop.begin(listener);
            assertThatThrownBy(() -> loop.epoch(0, 1, 1, 16))
                    .hasMessageContaining("\"acme\" failed")
                    .hasMessageNotContaining("training loop");
            loop.end();
        }
    }

    @Test
    void aMethodThatIsMissingIsToldWithTheGuardAndTheVersions() {
        TestGuard guard = new TestGuard("acme");
        guard.onBackward =
                step -> {
                    throw new NoSuchMethodError("StepView.colour()");
                };
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener = listener(guard)) {
            loop.begin(listener);
            assertThatThrownBy(() -> loop.epoch(0, 1, 1, 16))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("\"acme\"")
                    .hasMessageContaining("SPI");
            loop.end();
        }
    }

    private static void train(TestGuard guard, int steps) {
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener = listener(guard)) {
            loop.begin(listener);
            loop.epoch(0, steps, 1, 16);
            loop.end();
        }
    }

    private static ForgettingListener listener(TestGuard... guards) {
        var builder = ForgettingListener.builder();
        for (TestGuard guard : guards) {
            builder.addGuard(guard);
        }
        return builder.build();
    }

    private static void requireFinite(float[] values) {
        for (float value : values) {
            assertThat(value).isFinite();
        }
    }

    private static int arrays() {
        try (NDManager any = NDManager.newBaseManager()) {
            return any.getParentManager().getManagedArrays().size();
        }
    }
}
