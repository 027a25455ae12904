package dev.engram.replay.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.listener.TrainingListenerAdapter;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.support.Said;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user of replay must never believe that he is protected when he is not. */
class HonestReplayTest {

    @TempDir private Path folder;

    @Test
    void aRememberedBaseModelIsRehearsed() {
        try (Model model = Toy.model();
                NDManager manager = model.getNDManager().newSubManager();
                ForgettingListener listener = er(Map.of("share", 0.5))) {
            Toy.fit(model, 0, 5);
            listener.remember(model, Toy.dataset(manager, 0));
            Toy.fit(model, 1, 10, listener);
            assertThat(Toy.accuracy(model, 0)).isGreaterThan(0.9);
        }
    }

    @Test
    void aSecondProcessOverADiskThatTakesItsTaskForTheFirstIsRefused() {
        try (Model model = Toy.model();
                ForgettingListener first = er(Map.of("directory", folder))) {
            Toy.fit(model, 0, 1, first);
        }
        try (Model model = Toy.model();
                ForgettingListener second = er(Map.of("directory", folder))) {
            assertThatThrownBy(() -> Toy.fit(model, 1, 1, second))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("already holds samples of a task \"task-1\"")
                    .hasMessageContaining("nextTask");
        }
    }

    @Test
    void rehearsalThatDrawsNothingIsSaidLoudly() {
        String said =
                Said.by(
                        () -> {
                            try (Model model = Toy.model();
                                    ForgettingListener listener = er(Map.of("share", 0))) {
                                Toy.fit(model, 0, 1, listener);
                                Toy.fit(model, 1, 1, listener);
                            }
                        });
        assertThat(said).contains("Guard \"er\" had NO EFFECT");
    }

    /** A-GEM changes a gradient only where it would undo what was learnt. */
    @Test
    void aProjectionThatNothingCallsForIsNoAlarm() {
        String said =
                Said.by(
                        () -> {
                            try (Model model = Toy.model();
                                    ForgettingListener listener =
                                            ForgettingListener.builder()
                                                    .addStrategy("a-gem")
                                                    .build()) {
                                Toy.fit(model, 0, 2, listener);
                                Toy.fit(model, 0, 4, listener);
                            }
                        });
        assertThat(said).doesNotContain("NO EFFECT");
    }

    /** DER compares with what the model predicted: one that does not move predicts the same. */
    @Test
    void aRehearsalThatFindsEverythingAsItWasIsNoAlarm() {
        String said =
                Said.by(
                        () -> {
                            try (Model model = Toy.model();
                                    ForgettingListener listener =
                                            ForgettingListener.builder()
                                                    .addStrategy("der")
                                                    .build()) {
                                Toy.fitWithRate(0, model, 0, listener);
                                Toy.fitWithRate(0, model, 1, listener);
                            }
                        });
        assertThat(said).doesNotContain("NO EFFECT");
    }

    @Test
    void aRehearsalThatWeighsNothingIsSaidLoudly() {
        String said =
                Said.by(
                        () -> {
                            try (Model model = Toy.model();
                                    ForgettingListener listener =
                                            ForgettingListener.builder()
                                                    .addStrategy("der", Map.of("alpha", 0))
                                                    .build()) {
                                Toy.fit(model, 0, 1, listener);
                                Toy.fit(model, 1, 1, listener);
                            }
                        });
        assertThat(said).contains("Guard \"der\" had NO EFFECT");
    }

    @Test
    void samplesOfATrainingThatFailedAreNotRehearsed() {
        try (Model model = Toy.model();
                ForgettingListener listener = er(Map.of())) {
            TrainingListenerAdapter breaking =
                    new TrainingListenerAdapter() {
                        @Override
                        public void onTrainingBatch(Trainer trainer, BatchData batch) {
                            throw new IllegalStateException("no more data");
                        }
                    };
            assertThatThrownBy(() -> Toy.fit(model, 0, 1, listener, breaking))
                    .hasMessageContaining("no more data");
            Toy.fit(model, 1, 1, listener);
            assertThat(listener.effect("er")).isEmpty();
        }
    }

    @Test
    void aFreshListenerErasesFromADiskThatItHasNotUsedYet() {
        try (Model model = Toy.model();
                ForgettingListener listener = owned()) {
            Toy.fit(model, 0, 1, listener);
        }
        try (ForgettingListener later = owned()) {
            assertThat(later.erase("Ada")).isEqualTo(256);
            assertThat(later.erase("Ada")).isZero();
            assertThatThrownBy(() -> later.erase("")).isInstanceOf(EngramException.class);
        }
    }

    @Test
    void erasingThroughAClosedListenerIsRefused() {
        ForgettingListener listener = owned();
        listener.close();
        assertThatThrownBy(() -> listener.erase("Ada"))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void aRefusedRestoreIsRefusedAgainAndLosesNothing() {
        Path memory = folder.resolve("memory");
        try (Model model = Toy.model();
                ForgettingListener listener = withMemory(memory, "reservoir")) {
            Toy.fit(model, 0, 1, listener);
        }
        try (Model model = Toy.model();
                ForgettingListener ring = withMemory(memory, "ring")) {
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(() -> Toy.fit(model, 1, 1, ring))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining("RESERVOIR");
            }
        }
        try (Model model = Toy.model();
                ForgettingListener again = withMemory(memory, "reservoir")) {
            Toy.fit(model, 1, 1, again);
            assertThat(again.tasks()).hasSize(2);
            assertThat(again.effect("er").orElseThrow().gradientShare()).isPositive();
        }
    }

    @Test
    void theNameOfTheTaskThatTrainsIsRefusedForTheNext() {
        try (Model model = Toy.model();
                ForgettingListener listener = er(Map.of())) {
            listener.nextTask("a");
            TrainingListenerAdapter naming =
                    new TrainingListenerAdapter() {
                        @Override
                        public void onEpoch(Trainer trainer) {
                            listener.nextTask("a");
                        }
                    };
            assertThatThrownBy(() -> Toy.fit(model, 0, 1, listener, naming))
                    .hasMessageContaining("give the next one another name");
        }
    }

    @Test
    void batchNormNeverMeetsASingleReplayedSample() {
        try (Model model = Toy.model();
                NDManager manager = model.getNDManager().newSubManager();
                ForgettingListener listener = er(Map.of())) {
            model.setBlock(
                    new SequentialBlock()
                            .add(Linear.builder().setUnits(8).build())
                            .add(BatchNorm.builder().build())
                            .add(Linear.builder().setUnits(4).build()));
            for (int task = 0; task < 2; task++) {
                // Batches of 32, 32, 32 and 5: a fifth of five is one.
                ArrayDataset dataset =
                        new ArrayDataset.Builder()
                                .setData(manager.randomNormal(new Shape(101, Toy.FEATURES)))
                                .optLabels(manager.full(new Shape(101), task))
                                .setSampling(32, false)
                                .build();
                Toy.fit(model, dataset, 2, listener);
            }
            assertThat(listener.tasks()).hasSize(2);
        }
    }

    @Test
    void erAceRefusesALossThatItWouldReplace() {
        try (Model model = Toy.model();
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("er-ace").build()) {
            assertThatThrownBy(
                            () ->
                                    Toy.fit(
                                            model,
                                            ai.djl.training.loss.Loss.l2Loss(),
                                            regression(model),
                                            1,
                                            listener))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("L2Loss");
        }
    }

    private static ArrayDataset regression(Model model) {
        NDManager manager = model.getNDManager();
        NDList data = new NDList(manager.randomNormal(new Shape(32, Toy.FEATURES)));
        return new ArrayDataset.Builder()
                .setData(data.head())
                .optLabels(manager.randomNormal(new Shape(32, 4)))
                .setSampling(32, false)
                .build();
    }

    private ForgettingListener owned() {
        return ForgettingListener.builder()
                .addStrategy("er", Map.of("directory", folder.resolve("store")))
                .optSubjects(batch -> Collections.nCopies(32, "Ada"))
                .build();
    }

    private static ForgettingListener er(Map<String, ?> settings) {
        return ForgettingListener.builder().addStrategy("er", settings).build();
    }

    private static ForgettingListener withMemory(Path memory, String selection) {
        return ForgettingListener.builder()
                .addStrategy("er", Map.of("selection", selection, "share", 0.5))
                .optMemory(memory)
                .build();
    }
}
