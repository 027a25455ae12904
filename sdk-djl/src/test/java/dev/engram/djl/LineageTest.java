package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.Trainer;
import dev.engram.api.EngramException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A memory belongs to one model, which is known by its weights. */
class LineageTest {

    @TempDir private Path folder;
    private Model model;
    private ForgettingListener listener;

    @BeforeEach
    void learn() {
        model = Points.model(1);
        listener = ForgettingListener.builder().addGuard(new Recorder()).build();
        Points.fit(model, 0, listener);
    }

    @AfterEach
    void close() {
        listener.close();
        model.close();
    }

    @Test
    void anotherModelOfTheSameShapesIsRefusedUntilTheUserSaysThatItIsTheSame() {
        try (Model other = Points.model(2)) {
            assertThatThrownBy(() -> Points.fit(other, 1, listener))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("another model")
                    .hasMessageContaining("continueWith");
            listener.continueWith(other);
            assertThat(Points.said(() -> Points.fit(other, 1, listener))).contains("other weights");
            assertThat(listener.tasks()).hasSize(2);
        }
    }

    @Test
    void anotherModelIsNotRememberedInTheSameMemory() {
        try (Model other = Points.model(2)) {
            Points.fit(other, 1);
            assertThatThrownBy(() -> listener.remember(other))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("another model");
        }
    }

    @Test
    void theModelThatLearntGoesOnWithoutAWord() {
        assertThat(Points.said(() -> Points.fit(model, 1, listener))).doesNotContain("weights");
    }

    @Test
    void aCheckpointOfTheNewestTaskGoesOnWithoutAWord() throws IOException {
        model.save(folder, "points");
        try (Model loaded = loaded()) {
            assertThat(Points.said(() -> Points.fit(loaded, 1, listener)))
                    .doesNotContain("weights");
        }
    }

    @Test
    void aCheckpointOfAnEarlierTaskGoesOnAndItIsSaidWhatIsNotInIt() throws IOException {
        model.save(folder, "points");
        Points.fit(model, 1, listener);
        try (Model loaded = loaded()) {
            assertThat(Points.said(() -> Points.fit(loaded, 2, listener)))
                    .contains("after task \"task-1\"")
                    .contains("[task-2]");
        }
        assertThat(listener.tasks()).hasSize(3);
    }

    @Test
    void aModelThatWasTrainedOnWithoutTheListenerGoesOnAndIsToldSo() throws IOException {
        Points.fit(model, 1);
        model.save(folder, "points");
        assertThat(Points.said(() -> Points.fit(model, 2, listener)))
                .contains("other weights than after task \"task-1\"");
        try (Model loaded = loaded()) {
            assertThat(Points.said(() -> Points.fit(loaded, 3, listener)))
                    .contains("other weights than after task \"task-2\"");
        }
    }

    @Test
    void weightsThatWereReplacedWithinTheProcessAreSaid() {
        for (Parameter parameter : model.getBlock().getParameters().values()) {
            try (NDArray value = parameter.getArray().stopGradient()) {
                value.muli(-1);
            }
        }
        assertThat(Points.said(() -> Points.fit(model, 1, listener))).contains("other weights");
    }

    @Test
    void aBlockOfEqualShapesInItsPlaceIsRefused() {
        model.setBlock(Points.mlp());
        assertThatThrownBy(() -> Points.fit(model, 1, listener))
                .hasMessageContaining("another model");
    }

    @Test
    void aTaskThatChangedNoWeightIsSaidToHaveChangedNone() {
        String said =
                Points.said(
                        () -> {
                            try (Trainer trainer = model.newTrainer(Points.config(0, listener))) {
                                Points.fit(trainer, 1, 1);
                            }
                        });
        assertThat(said).contains("changed NO weight");
    }

    private Model loaded() throws IOException {
        Model loaded = Points.model(3);
        try {
            loaded.load(folder, "points");
        } catch (ai.djl.MalformedModelException e) {
            throw new IOException(e);
        }
        return loaded;
    }
}
