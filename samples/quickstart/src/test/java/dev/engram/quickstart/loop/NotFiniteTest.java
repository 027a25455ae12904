package dev.engram.quickstart.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.training.GradientCollector;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is not finite is neither kept nor rehearsed, nor does it count as learnt. */
class NotFiniteTest {

    @ParameterizedTest
    @MethodSource("dev.engram.quickstart.Bundled#overOwnWeights")
    void aBatchWhoseStepTheLoopSkipsCountsForNothing(String strategy) {
        assertThat(twoTasks(strategy, true))
                .usingRecursiveComparison()
                .isEqualTo(twoTasks(strategy, false));
    }

    @ParameterizedTest
    @MethodSource("dev.engram.quickstart.Bundled#withLora")
    void aTaskThatDivergedIsNotLearntAndTheNextOneTrains(String strategy) {
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy(strategy).build()) {
            loop.begin(listener);
            loop.epoch(0, 6, 1, 16);
            loop.end();
            Map<String, float[]> good = loop.weights();
            loop.begin(listener);
            float[][] wild = Loop.data(1, 5, 16);
            wild[3][2] = Float.NaN;
            loop.epoch(1, 2, 1, 16);
            loop.backward(wild, 0, 16);
            loop.trainer.step();
            loop.endEpoch();
            assertThatThrownBy(loop::end)
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("diverged")
                    .hasMessageContaining("task-2")
                    .hasMessageContaining(strategy.equals("lora") ? "lora_A" : "those of batch 3")
                    .hasMessageContaining("likeliest first: a batch whose inputs");
            loop.place(good);
            loop.begin(listener);
            loop.epoch(2, 6, 1, 16);
            loop.end();
            assertThat(listener.tasks()).hasSize(2);
            loop.weights().values().forEach(NotFiniteTest::requireFinite);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.engram.quickstart.Bundled#withLora")
    void whatASkippedBatchLeavesBehindReachesNoStep(String strategy) {
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy(strategy).build()) {
            for (int task = 0; task < 3; task++) {
                loop.begin(listener);
                loop.epoch(task, 3, 1, 16);
                skip(loop, task);
                skip(loop, task);
                loop.epoch(task, 3, 2, 16);
                skip(loop, task);
                loop.endEpoch();
                loop.end();
                loop.weights().values().forEach(NotFiniteTest::requireFinite);
            }
            assertThat(listener.tasks()).hasSize(3);
        }
    }

    @Test
    void whatATrainerOfAnotherLeftBehindReachesNoStep() {
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("ewc-online").build()) {
            loop.begin();
            skip(loop, 0);
            loop.end();
            loop.begin(listener);
            loop.epoch(0, 3, 1, 16);
            loop.end();
            loop.weights().values().forEach(NotFiniteTest::requireFinite);
            assertThat(listener.tasks()).hasSize(1);
        }
    }

    /** As a loop does that looks at the loss, and trusts DJL to clear the gradients. */
    private static void skip(Loop loop, int task) {
        float[][] wild = Loop.data(task, 50, 16);
        wild[3][2] = Float.NaN;
        loop.backward(wild, 0, 16);
        try (GradientCollector collector = loop.trainer.newGradientCollector()) {
            collector.zeroGradients();
        }
    }

    private static Map<String, float[]> twoTasks(String strategy, boolean wild) {
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy(strategy).build()) {
            for (int task = 0; task < 2; task++) {
                loop.begin(listener);
                loop.epoch(task, 4, 1, 16);
                for (int group = 4; group < 8; group++) {
                    if (wild && group == 5) {
                        float[][] rows = Loop.data(task, 50, 16);
                        rows[3][2] = Float.NaN;
                        loop.backward(rows, 0, 16);
                        loop.zero();
                    }
                    loop.backward(Loop.data(task, group, 16), 0, 16);
                    loop.trainer.step();
                }
                loop.endEpoch();
                loop.end();
            }
            assertThat(listener.tasks()).hasSize(2);
            loop.weights().values().forEach(NotFiniteTest::requireFinite);
            return loop.weights();
        }
    }

    private static void requireFinite(float[] values) {
        for (float value : values) {
            assertThat(value).isFinite();
        }
    }
}
