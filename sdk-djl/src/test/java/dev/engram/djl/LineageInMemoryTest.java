package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dev.engram.api.EngramException;
import dev.engram.djl.memory.LearntTask;
import dev.engram.kit.files.Checksums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What another process knows of the model that its memory directory is about. */
class LineageInMemoryTest {

    @TempDir private Path folder;
    private Path memory;
    private Model model;

    @BeforeEach
    void learnTwoTasks() throws IOException {
        memory = folder.resolve("memory");
        model = Points.model(1);
        Points.fit(model, 3);
        model.save(folder, "pretrained");
        try (ForgettingListener listener = listener()) {
            Points.fit(model, 0, listener);
            model.save(folder, "first");
            Points.fit(model, 1, listener);
            model.save(folder, "second");
        }
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void theWeightsThatTheNewestTaskLeftGoOnWithoutAWord() throws IOException {
        assertThat(goOn("second")).doesNotContain("weights");
    }

    @Test
    void thoseOfAnEarlierTaskGoOnAndItIsSaidWhatIsNotInThem() throws IOException {
        assertThat(goOn("first")).contains("after task \"task-1\"").contains("[task-2]");
    }

    @Test
    void thoseFromBeforeTheFirstTaskGoOnAndItIsSaidThatNoTaskIsInThem() throws IOException {
        assertThat(goOn("pretrained"))
                .contains("before task \"task-1\"")
                .contains("[task-1, task-2]")
                .contains("model.load");
    }

    @Test
    void thoseThatWereTrainedInBetweenGoOnAndItIsSaid() throws IOException {
        Points.fit(model, 2);
        model.save(folder, "between");
        assertThat(goOn("between")).contains("other weights than after task \"task-2\"");
    }

    @Test
    void aFreshModelOfTheSameShapesIsRefusedUntilTheUserSaysThatItIsTheSame() {
        try (Model fresh = Points.model(2);
                ForgettingListener listener = listener()) {
            assertThatThrownBy(() -> Points.fit(fresh, 2, listener))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("another model")
                    .hasMessageContaining("after task \"task-2\"")
                    .hasMessageContaining("model.load")
                    .hasMessageContaining("listener.continueWith(model)");
            assertThat(listener.tasks()).hasSize(2);
            listener.continueWith(fresh);
            assertThat(Points.said(() -> Points.fit(fresh, 2, listener))).contains("other weights");
            assertThat(listener.tasks()).hasSize(3);
        }
    }

    @Test
    void aFreshModelIsNotRememberedBesideAnotherEither() {
        try (Model fresh = Points.model(2);
                ForgettingListener listener = listener()) {
            Points.fit(fresh, 2);
            assertThatThrownBy(() -> listener.remember(fresh))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("another model");
        }
    }

    @Test
    void anErasureKeepsWhatIsKnown() throws IOException {
        try (ForgettingListener listener = listener()) {
            listener.erase("somebody");
        }
        assertThat(goOn("first")).contains("after task \"task-1\"").contains("[task-2]");
        try (Model fresh = Points.model(2);
                ForgettingListener listener = listener()) {
            assertThatThrownBy(() -> Points.fit(fresh, 2, listener))
                    .hasMessageContaining("another model");
        }
    }

    @Test
    void aDirectoryOfAnOlderEngramRestoresAndWhatCannotBeCheckedIsSaid() throws IOException {
        forgetWeights();
        try (Model fresh = Points.model(2);
                ForgettingListener listener = listener()) {
            assertThat(Points.said(() -> Points.fit(fresh, 2, listener)))
                    .contains("other weights than after task \"task-2\"")
                    .contains("whether it is about this model at all cannot be checked");
        }
    }

    @Test
    void aDirectoryOfAnOlderEngramKnowsTheNewestWeights() throws IOException {
        forgetWeights();
        assertThat(goOn("second")).doesNotContain("weights");
        try (Model fresh = Points.model(2);
                ForgettingListener listener = listener()) {
            assertThat(listener.tasks()).extracting(LearntTask::name).contains("task-3");
            assertThatThrownBy(() -> Points.fit(fresh, 2, listener))
                    .hasMessageContaining("another model");
        }
    }

    /** Returns what is said when another listener goes on with a file. */
    private String goOn(String file) throws IOException {
        try (Model loaded = Points.model(3);
                ForgettingListener listener = listener()) {
            loaded.load(folder, file);
            return Points.said(() -> Points.fit(loaded, 2, listener));
        } catch (MalformedModelException e) {
            throw new IOException(e);
        }
    }

    /** Takes out of the newest generation what earlier versions did not write. */
    private void forgetWeights() throws IOException {
        Path manifest = memory.resolve("generation-000002/manifest.json");
        JsonObject old = new Gson().fromJson(Files.readString(manifest), JsonObject.class);
        old.remove("weights");
        Files.writeString(manifest, old.toString());
        Files.writeString(
                manifest.resolveSibling("manifest.json.sha256"),
                Checksums.of(manifest) + "  manifest.json\n");
    }

    private ForgettingListener listener() {
        return ForgettingListener.builder().addGuard(new Recorder()).optMemory(memory).build();
    }
}
