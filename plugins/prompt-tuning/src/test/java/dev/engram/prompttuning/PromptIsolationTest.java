package dev.engram.prompttuning;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.nn.Block;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each method on every kind of model: it learns, the base stays, each task keeps its outputs. */
class PromptIsolationTest {

    private static Stream<Arguments> all() {
        return Stream.of("prompt-tuning", "prefix-tuning", "prompt-pool")
                .flatMap(
                        strategy ->
                                Stream.of(Bases.values())
                                        .map(kind -> Arguments.of(strategy, kind)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void tasksAreLearntOverABaseThatStaysAsItIsBitForBit(String strategy, Bases kind) {
        try (Model model = kind.model();
                ForgettingListener memory =
                        ForgettingListener.builder()
                                .addStrategy(strategy, Map.of("length", "4"))
                                .build()) {
            Block base = model.getBlock();
            Map<String, Integer> weights = Bases.weights(base);
            float[] outputs = Bases.outputs(model, base, 0);
            Bases.fit(model, 1, 8, memory);
            assertThat(model.getBlock()).isSameAs(base);
            TaskRegistry tasks = memory.tasks(model);
            Block first = tasks.handle("task-1").block();
            float[] firstOutputs = Bases.outputs(model, first, 0);
            assertThat(Bases.accuracy(model, first, 1)).isGreaterThan(0.5);
            Bases.fit(model, 2, 8, memory);
            Block second = tasks.handle("task-2").block();
            assertThat(Bases.accuracy(model, second, 2)).isGreaterThan(0.5);
            assertThat(Bases.outputs(model, first, 0)).isEqualTo(firstOutputs);
            assertThat(Bases.outputs(model, tasks.base().block(), 0)).isEqualTo(outputs);
            assertThat(Bases.outputs(model, base, 0)).isEqualTo(outputs);
            assertThat(Bases.weights(base)).isEqualTo(weights);
        }
    }
}
