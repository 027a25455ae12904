package dev.engram.prompttuning;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.loss.Loss;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With a head that is frozen, too, only the vectors can learn. */
class FrozenHeadTest {

    @ParameterizedTest
    @CsvSource({"prompt-tuning,none", "prompt-tuning,mlp", "prompt-tuning,residual"})
    void vectorsAlonePutAWrongHeadRight(String strategy, String network) {
        Map<String, ?> settings = Map.of("owned", "", "length", 4, "reparametrisation", network);
        try (Model model = Bases.ENCODER.model();
                ForgettingListener memory =
                        ForgettingListener.builder().addStrategy(strategy, settings).build()) {
            Block base = model.getBlock();
            putWrong(model, base);
            double before = Bases.accuracy(model, base, 0);
            assertThat(before).isLessThan(0.8);
            Bases.fit(model, 0, 10, memory);
            TaskRegistry tasks = memory.tasks(model);
            assertThat(tasks.tensors("task-1", model.getNDManager()).keySet())
                    .noneMatch(name -> name.contains("Linear_weight/copy"));
            double after = Bases.accuracy(model, tasks.handle("task-1").block(), 0);
            assertThat(after).as("from %s", before).isGreaterThan(before + 0.15);
        }
    }

    /**
     * What a prefix adds to all samples alike, DJL's encoder takes away again: its norms are those
     * of a batch. So a prefix must do it by where the samples look.
     */
    @Test
    void prefixesAloneLowerTheLossOfAWrongHead() {
        Map<String, ?> settings = Map.of("owned", "", "length", 4);
        try (Model model = Bases.ENCODER.model();
                ForgettingListener memory =
                        ForgettingListener.builder()
                                .addStrategy("prefix-tuning", settings)
                                .build()) {
            Block base = model.getBlock();
            putWrong(model, base);
            Bases.fit(model, 0, 40, memory);
            Block task = memory.tasks(model).handle("task-1").block();
            assertThat(loss(model, task)).isLessThan(0.85 * loss(model, base));
        }
    }

    private static void putWrong(Model model, Block base) {
        NDArray bias = base.getParameters().get("05Linear_bias").getArray();
        bias.setRequiresGradient(false);
        bias.addi(model.getNDManager().create(new float[] {7, 0, 0, -7}));
        bias.setRequiresGradient(true);
    }

    private static double loss(Model model, Block block) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            List<NDList> batch = Bases.batch(manager, Bases.dataset(manager, 0, Bases.BATCH));
            return Loss.softmaxCrossEntropyLoss()
                    .evaluate(batch.get(1), Bases.outputs(block, batch.get(0)))
                    .getFloat();
        }
    }
}
