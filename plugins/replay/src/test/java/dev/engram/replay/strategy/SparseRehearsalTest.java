package dev.engram.replay.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import ai.djl.translate.TranslateException;
import ai.djl.util.Progress;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.support.Said;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rehearsal where there is little to rehearse with: few steps, few samples of a shape. */
class SparseRehearsalTest {

    @Test
    void aTaskWithoutASingleRehearsalIsSaid() {
        String said = Said.by(() -> twoTasksOfThreeBatches(4));
        assertThat(said)
                .contains("er: task \"task-2\" has been trained without a single rehearsal")
                .contains("its 3 steps are fewer than every = 4");
        assertThat(Said.by(() -> twoTasksOfThreeBatches(1))).doesNotContain("single rehearsal");
    }

    /** BatchNorm refuses a single sample: without Engram it never sees one here. */
    @ParameterizedTest
    @ValueSource(strings = {"er", "er-ace", "der-plus-plus", "a-gem"})
    void aSampleThatIsAloneWithItsShapeDoesNotBreakBatchNorm(String id) {
        try (Model model = Toy.model();
                NDManager manager = model.getNDManager().newSubManager();
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy(id, Map.of("seed", 3)).build()) {
            model.setBlock(
                    new SequentialBlock()
                            .add(new LambdaBlock(in -> new NDList(in.head().mean(new int[] {1}))))
                            .add(Linear.builder().setUnits(8).build())
                            .add(BatchNorm.builder().build())
                            .add(Linear.builder().setUnits(4).build()));
            for (int task = 0; task < 2; task++) {
                fit(model, shapes(manager, task), listener);
            }
            assertThat(listener.tasks()).hasSize(2);
        }
    }

    @Test
    void erAceRefusesAUsersOwnCrossEntropy() {
        try (Model model = Toy.model();
                NDManager manager = model.getNDManager().newSubManager();
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("er-ace").build()) {
            assertThatThrownBy(
                            () ->
                                    Toy.fit(
                                            model,
                                            new OwnCrossEntropy(),
                                            Toy.dataset(manager, 0),
                                            1,
                                            listener))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("OwnCrossEntropy");
        }
    }

    private static void fit(Model model, Dataset dataset, ForgettingListener listener) {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .addTrainingListeners(listener);
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(new Shape(16, 1, Toy.FEATURES));
            EasyTrain.fit(trainer, 4, dataset, null);
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    private static void twoTasksOfThreeBatches(int every) {
        try (Model model = Toy.model();
                NDManager manager = model.getNDManager().newSubManager();
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy("er", Map.of("every", every))
                                .build()) {
            for (int task = 0; task < 2; task++) {
                ArrayDataset few =
                        new ArrayDataset.Builder()
                                .setData(manager.randomNormal(new Shape(96, Toy.FEATURES)))
                                .optLabels(manager.full(new Shape(96), task))
                                .setSampling(32, false)
                                .build();
                Toy.fit(model, few, 1, listener);
            }
        }
    }

    /** Many samples of one shape, a few of three others. */
    private static Dataset shapes(NDManager manager, int task) {
        List<ArrayDataset> parts = new ArrayList<>();
        for (int length = 1; length <= 4; length++) {
            long samples = length == 1 ? 64 : 8;
            parts.add(
                    new ArrayDataset.Builder()
                            .setData(manager.randomNormal(new Shape(samples, length, 4)))
                            .optLabels(manager.full(new Shape(samples), task, DataType.INT64))
                            .setSampling(16, false)
                            .build());
        }
        return new Dataset() {
            @Override
            public Iterable<Batch> getData(NDManager owner) throws IOException, TranslateException {
                List<Iterator<Batch>> iterators = new ArrayList<>();
                for (ArrayDataset part : parts) {
                    iterators.add(part.getData(owner).iterator());
                }
                return () -> new InTurn(iterators);
            }

            @Override
            public void prepare(Progress progress) throws IOException, TranslateException {
                for (ArrayDataset part : parts) {
                    part.prepare(progress);
                }
            }
        };
    }

    private static final class OwnCrossEntropy extends SoftmaxCrossEntropyLoss {}

    private record InTurn(List<Iterator<Batch>> iterators) implements Iterator<Batch> {

        @Override
        public boolean hasNext() {
            return iterators.stream().anyMatch(Iterator::hasNext);
        }

        @Override
        public Batch next() {
            return iterators.stream().filter(Iterator::hasNext).findFirst().orElseThrow().next();
        }
    }
}
