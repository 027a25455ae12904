package dev.engram.quickstart.loop;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several batches whose gradients add up to one step act as the one batch of all their samples. */
class AccumulationTest {

    private static final int PARTS = 4;
    private static final int SIZE = 8;
    private static final Map<String, Map<String, float[]>> WHOLE = new HashMap<>();

    @ParameterizedTest
    @MethodSource("dev.engram.quickstart.Bundled#withIsolations")
    void microBatchesActAsOneBatchWhereTheLoopDividesTheLoss(String strategy) {
        requireEqual(whole(strategy), inParts(strategy, Loop.loss(1), PARTS, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ewc-online", "si", "er", "er-ace", "der-plus-plus", "a-gem", "lora"})
    void microBatchesActAsOneBatchWhereTheLossItselfDivides(String strategy) {
        // Of a class of one's own er-ace cannot know what it computes.
        Loss loss =
                strategy.equals("er-ace") ? Loop.loss(1.0 / PARTS) : Loop.scaledLoss(1.0 / PARTS);
        requireEqual(whole(strategy), inParts(strategy, loss, 1, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ewc-online", "si", "rwalk", "er", "er-ace", "der-plus-plus", "a-gem"})
    void aLastGroupThatTheLoopDropsCountsForNothing(String strategy) {
        requireEqual(whole(strategy), inParts(strategy, Loop.loss(1), PARTS, true));
    }

    private static Map<String, float[]> whole(String strategy) {
        return WHOLE.computeIfAbsent(strategy, AccumulationTest::train);
    }

    private static Map<String, float[]> train(String strategy) {
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener = listener(strategy)) {
            for (int task = 0; task < 3; task++) {
                loop.begin(listener);
                loop.epoch(task, 6, 1, SIZE * PARTS);
                loop.epoch(task, 6, 1, SIZE * PARTS);
                loop.end();
            }
            assertThat(listener.tasks()).hasSize(3);
            return learnt(loop, listener);
        }
    }

    private static Map<String, float[]> inParts(
            String strategy, Loss loss, double divisor, boolean drops) {
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener = listener(strategy)) {
            loop.divisor = divisor;
            for (int task = 0; task < 3; task++) {
                loop.begin(loss, 0.2f, listener);
                for (int epoch = 0; epoch < 2; epoch++) {
                    for (int group = 0; group < 6; group++) {
                        parts(loop, Loop.data(task, group, SIZE * PARTS), PARTS);
                        loop.trainer.step();
                    }
                    if (drops) {
                        parts(loop, Loop.data(task, 77, SIZE * PARTS), PARTS - 1);
                        loop.zero();
                    }
                    loop.endEpoch();
                }
                loop.end();
            }
            assertThat(listener.tasks()).hasSize(3);
            return learnt(loop, listener);
        }
    }

    private static void parts(Loop loop, float[][] rows, int parts) {
        for (int part = 0; part < parts; part++) {
            loop.backward(rows, part * SIZE, SIZE);
        }
    }

    /** Returns the weights that each task answers with. */
    private static Map<String, float[]> learnt(Loop loop, ForgettingListener listener) {
        if (!listener.isolates()) {
            return loop.weights();
        }
        Map<String, float[]> learnt = new HashMap<>();
        TaskRegistry tasks = listener.tasks(loop.model);
        try (NDManager manager = loop.model.getNDManager().newSubManager()) {
            for (String task : tasks.tasks()) {
                tasks.tensors(task, manager)
                        .forEach((name, own) -> learnt.put(task + " " + name, own.toFloatArray()));
            }
        }
        return learnt;
    }

    private static ForgettingListener listener(String strategy) {
        return ForgettingListener.builder().addStrategy(strategy, settings(strategy)).build();
    }

    private static Map<String, String> settings(String strategy) {
        return switch (strategy) {
            case "adapters" -> Map.of("after", "01Linear");
            // Room for all: who is pushed out is the same for parts and wholes, but not the order
            // in which the others are drawn.
            case "er", "er-ace", "der", "der-plus-plus", "a-gem" -> Map.of("samples", "2000");
            default -> Map.of();
        };
    }

    private static void requireEqual(Map<String, float[]> whole, Map<String, float[]> parts) {
        assertThat(parts).hasSameSizeAs(whole);
        whole.forEach(
                (name, values) -> {
                    float[] found = parts.get(name);
                    double worst = 0;
                    for (int i = 0; i < values.length; i++) {
                        worst = Math.max(worst, Math.abs(values[i] - found[i]));
                    }
                    assertThat(worst).as(name).isLessThan(2e-4);
                });
    }
}
