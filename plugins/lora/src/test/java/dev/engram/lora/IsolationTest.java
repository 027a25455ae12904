package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** On every kind of model: it learns, the base stays, and each task keeps its outputs. */
class IsolationTest {

    @ParameterizedTest
    @EnumSource(Bases.class)
    void tasksAreLearntOverABaseThatStaysAsItIsBitForBit(Bases kind) {
        try (Model model = kind.model();
                ForgettingListener memory =
                        ForgettingListener.builder()
                                .addStrategy("lora", Map.of("rank", "4"))
                                .build()) {
            // A small random BERT takes longer: after 12 epochs it stood between 0.75 and 0.91.
            int epochs = kind == Bases.BERT ? 30 : 12;
            Block base = model.getBlock();
            Map<String, Integer> weights = weights(base);
            float[] outputs = kind.outputs(model, base, 0);
            kind.fit(model, 0, epochs, memory);
            assertThat(model.getBlock()).isSameAs(base);
            TaskRegistry tasks = memory.tasks(model);
            float[] first = kind.outputs(model, tasks.handle("task-1").block(), 0);
            assertThat(kind.accuracy(model, tasks.handle("task-1").block(), 0)).isGreaterThan(0.8);
            kind.fit(model, 1, epochs, memory);
            assertThat(kind.accuracy(model, tasks.handle("task-2").block(), 1)).isGreaterThan(0.8);
            assertThat(kind.outputs(model, tasks.handle("task-1").block(), 0)).isEqualTo(first);
            assertThat(kind.outputs(model, tasks.base().block(), 0)).isEqualTo(outputs);
            assertThat(kind.outputs(model, base, 0)).isEqualTo(outputs);
            assertThat(weights(base)).isEqualTo(weights);
        }
    }

    private static Map<String, Integer> weights(Block block) {
        Map<String, Integer> weights = new TreeMap<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            weights.put(
                    entry.getKey(), Arrays.hashCode(entry.getValue().getArray().toFloatArray()));
        }
        return weights;
    }
}
