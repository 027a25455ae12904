package dev.engram.ewc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A model that gets new classes, or another head, between tasks. */
class GrowingHeadTest {

    private static final int ROWS = Toy.CLASSES;
    private static final float RATE = 0.05f;

    @TempDir private Path memory;

    @ParameterizedTest
    @CsvSource({"ewc, true", "ewc, false", "ewc-online, true", "ewc-online, false"})
    void oldRowsStayGuardedAndNewOnesAreFree(String strategy, boolean inOneProcess) {
        ForgettingListener listener = listener(strategy);
        try (Model old = learnt()) {
            listener.remember(old);
            if (!inOneProcess) {
                listener.close();
                listener = listener(strategy);
            }
            try (Model grown = withHead(old, ROWS + 2)) {
                float[] before = head(grown);
                float[] trunk = trunk(grown);
                Toy.fit(grown, 1, 4, Toy.sgd(RATE), listener);
                float[] after = head(grown);
                int held = before.length / (ROWS + 2) * ROWS;
                assertThat(largestMove(before, after, 0, held)).isLessThan(0.05);
                assertThat(largestMove(before, after, held, before.length)).isGreaterThan(0.1);
                assertThat(largestMove(trunk, trunk(grown), 0, trunk.length)).isLessThan(0.05);
                // All rows are guarded from now on.
                Toy.fit(grown, 0, 2, Toy.sgd(RATE), listener);
                assertThat(listener.effect(strategy).orElseThrow().penalty()).isPositive();
                assertThat(listener.tasks()).hasSize(3);
            }
        } finally {
            listener.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 2})
    void behindAnotherHeadTheTrunkStaysGuarded(int units) {
        try (Model old = learnt();
                ForgettingListener listener = listener("ewc-online")) {
            listener.remember(old);
            try (Model other = withHead(old, units)) {
                float[] trunk = trunk(other);
                float[] head = head(other);
                fit(other, units, listener);
                assertThat(largestMove(trunk, trunk(other), 0, trunk.length)).isLessThan(0.05);
                assertThat(largestMove(head, head(other), 0, head.length)).isGreaterThan(0.1);
            }
        }
    }

    @Test
    void aModelThatDiffersElsewhereIsRefusedStill() {
        try (Model old = Toy.model(Toy.mlp());
                ForgettingListener listener = listener("ewc")) {
            Toy.fit(old, 0, 1, Toy.adam(), listener);
            SequentialBlock wider =
                    new SequentialBlock()
                            .add(Linear.builder().setUnits(64).build())
                            .add(Activation.reluBlock())
                            .add(Linear.builder().setUnits(Toy.CLASSES).build());
            try (Model other = Toy.model(wider)) {
                assertThatThrownBy(() -> Toy.fit(other, 1, 1, Toy.adam(), listener))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining("01Linear_weight had shape (32, 8), and now (64, 8)");
            }
        }
    }

    private ForgettingListener listener(String strategy) {
        return ForgettingListener.builder()
                .addStrategy(
                        strategy, Map.of("lambda", 1e9, "scale", "raw", "max-learning-rate", RATE))
                .optMemory(memory)
                .build();
    }

    private static Model learnt() {
        Model model = Toy.model(Toy.mlp());
        Toy.fit(model, 0, 3, Toy.adam());
        return model;
    }

    /** Returns a copy of a model with a head of so many rows, the first of which are the old. */
    private static Model withHead(Model old, int units) {
        SequentialBlock block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(32).build())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(units).build());
        Model model = Toy.model(block);
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(32, Toy.FEATURES));
        for (int i = 0; i < 4; i++) {
            NDArray to = block.getParameters().valueAt(i).getArray();
            NDArray from = old.getBlock().getParameters().valueAt(i).getArray();
            long rows = Math.min(from.getShape().get(0), to.getShape().get(0));
            to.set(new NDIndex("0:" + rows), from.get("0:" + rows));
        }
        return model;
    }

    private static void fit(Model model, int classes, ForgettingListener listener) {
        try (Trainer trainer = Toy.trainer(model, Toy.sgd(RATE), listener)) {
            for (Batch batch :
                    Toy.dataset(model.getNDManager(), 1, 2048).getData(trainer.getManager())) {
                batch.getLabels().set(0, batch.getLabels().head().mod(classes));
                EasyTrain.trainBatch(trainer, batch);
                trainer.step();
                batch.close();
            }
            trainer.notifyListeners(each -> each.onEpoch(trainer));
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    private static float[] head(Model model) {
        return model.getBlock().getParameters().get("03Linear_weight").getArray().toFloatArray();
    }

    private static float[] trunk(Model model) {
        return model.getBlock().getParameters().get("01Linear_weight").getArray().toFloatArray();
    }

    private static double largestMove(float[] before, float[] after, int from, int to) {
        double largest = 0;
        for (int i = from; i < to; i++) {
            largest = Math.max(largest, Math.abs(before[i] - after[i]));
        }
        return largest;
    }
}
