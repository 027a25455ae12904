package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.listener.SaveModelTrainingListener;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.support.Said;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user is told whose tasks have parameters of their own: what is true, in time. */
class ToldOfTasksTest {

    private static final Bases KIND = Bases.CNN;

    @TempDir Path folder;

    @Test
    void tasksThatNoDirectoryKeepsAreSaidToGoAtBuildAndAtClose() {
        try (Model model = KIND.model()) {
            ForgettingListener[] listener = new ForgettingListener[1];
            assertThat(Said.by(() -> listener[0] = builder().build()))
                    .contains("only while this listener is open")
                    .contains("optMemory");
            KIND.fit(model, 0, 1, listener[0]);
            assertThat(Said.by(() -> listener[0].close()))
                    .contains("[task-1] go with this listener")
                    .contains("optMemory");
        }
    }

    @Test
    void nothingIsLostAndSaidWhereADirectoryKeepsThem() {
        String said =
                Said.by(
                        () -> {
                            try (Model model = KIND.model();
                                    ForgettingListener listener =
                                            builder().optMemory(folder).build()) {
                                KIND.fit(model, 0, 1, listener);
                            }
                        });
        assertThat(said).doesNotContain("only while").doesNotContain("go with this listener");
    }

    @Test
    void aListenerThatSavesModelsIsSaidToSaveTheBaseAlone() {
        String said =
                Said.by(
                        () -> {
                            try (Model model = KIND.model();
                                    ForgettingListener listener = builder().build()) {
                                var saves = new SaveModelTrainingListener(folder.toString());
                                KIND.fit(model, 0, 1, saves, listener);
                            }
                        });
        assertThat(said)
                .contains("SaveModelTrainingListener saves the base alone")
                .contains("optMemory");
    }

    @Test
    void newClassesAreNoReasonToWarnWhereTheBaseStaysAsItIs() {
        String said =
                Said.by(
                        () -> {
                            try (Model model = KIND.model();
                                    ForgettingListener listener = builder().build()) {
                                classes(model, 0, listener);
                                classes(model, 2, listener);
                                assertThat(listener.tasks()).hasSize(2);
                            }
                        });
        assertThat(said).doesNotContain("class-incremental");
    }

    @Test
    void aBaseThatStaysAsItIsNeedsNoProtection() {
        String said =
                Said.by(
                        () -> {
                            try (Model model = KIND.model();
                                    ForgettingListener listener = builder().build()) {
                                KIND.fit(model, 0, 1, listener);
                            }
                        });
        assertThat(said).doesNotContain("NOT protected");
    }

    /** Trains classes {@code first} and {@code first + 1}. */
    private static void classes(Model model, int first, TrainingListener listener) {
        try (NDManager manager = model.getNDManager().newSubManager();
                Trainer trainer =
                        model.newTrainer(
                                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                        .addTrainingListeners(listener))) {
            NDArray data = manager.randomNormal(KIND.batch());
            float[] labels = new float[Bases.BATCH];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = first + i % 2;
            }
            ArrayDataset dataset =
                    new ArrayDataset.Builder()
                            .setData(data)
                            .optLabels(manager.create(labels))
                            .setSampling(Bases.BATCH, false)
                            .build();
            EasyTrain.fit(trainer, 1, dataset, null);
        } catch (java.io.IOException | ai.djl.translate.TranslateException e) {
            throw new AssertionError(e);
        }
    }

    private static ForgettingListener.Builder builder() {
        return ForgettingListener.builder().addStrategy("lora");
    }
}
