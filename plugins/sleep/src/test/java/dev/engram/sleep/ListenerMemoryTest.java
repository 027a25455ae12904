package dev.engram.sleep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.SmallTasks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model sleeps over what a listener kept while it trained. */
class ListenerMemoryTest {

    @TempDir private Path folder;
    private final NDManager data = NDManager.newBaseManager();
    private Model model;
    private Model earlier;

    @BeforeEach
    void learn() throws Exception {
        model = SmallTasks.model();
        try (ForgettingListener listener = listener()) {
            fit(listener, 0, 10);
            model.save(folder.resolve("earlier"), "small-tasks");
            earlier = Forgotten.loaded(folder.resolve("earlier"));
            fit(listener, Forgotten.SECOND, 20);
        }
    }

    @AfterEach
    void close() {
        model.close();
        earlier.close();
        data.close();
    }

    /**
     * One that keeps much and rehearses next to nothing, so that there is something to win back.
     */
    private ForgettingListener listener() {
        return ForgettingListener.builder()
                .addStrategy("er", Map.of("samples", "400", "every", "1000"))
                .addStrategy("ewc", Map.of("lambda", "0.001"))
                .optMemory(folder.resolve("memory"))
                .build();
    }

    private void fit(ForgettingListener listener, int task, int epochs) {
        listener.nextTask(KnownSource.name(task));
        SmallTasks.fit(model, task, epochs, listener);
    }

    private Sleep.Builder sleep(ForgettingListener listener) {
        return Sleep.builder()
                .optMemory(listener::sleeping)
                .addTeacher("earlier", earlier)
                .addProbe(KnownSource.name(0), SmallTasks.dataset(data, 0))
                .addProbe(
                        KnownSource.name(Forgotten.SECOND),
                        SmallTasks.dataset(data, Forgotten.SECOND))
                .optMargin(0.1)
                .optSignificance(1e-3)
                .optLearningRate(3e-3)
                .optSteps(300);
    }

    @Test
    void importancesAreEstimatedAnewAndTheNextTrainingKnowsTheWeights() throws Exception {
        double first = SmallTasks.accuracy(model, 0);
        try (ForgettingListener listener = listener()) {
            SleepReport report = sleep(listener).build().consolidate(model);
            assertThat(report.isAccepted()).as(report.toString()).isTrue();
            assertThat(report.settled()).containsExactly("ewc");
            assertThat(SmallTasks.accuracy(model, 0)).isGreaterThan(first + 0.05);
            assertThat(generations()).hasSize(2);
        }
        try (ForgettingListener next = listener()) {
            fit(next, 2, 1);
            assertThat(next.tasks()).hasSize(3);
        }
    }

    private List<Path> generations() throws Exception {
        try (var files = Files.list(folder.resolve("memory"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("generation-"))
                    .toList();
        }
    }

    @Test
    void aDryRunWritesNothingToTheMemory() throws Exception {
        List<Path> before = generations();
        try (ForgettingListener listener = listener()) {
            assertThat(sleep(listener).build().dryRun(model).isAccepted()).isTrue();
        }
        assertThat(generations()).isEqualTo(before);
    }

    @Test
    void whatTheListenerKeptIsProbeEnough() {
        try (ForgettingListener listener = listener()) {
            SleepReport report =
                    Sleep.builder()
                            .optMemory(listener::sleeping)
                            .addTeacher("earlier", earlier)
                            .optMargin(0.1)
                            .optLearningRate(3e-3)
                            .optSteps(300)
                            .build()
                            .consolidate(model);
            assertThat(report.probes()).hasSize(2);
            assertThat(report.isAccepted()).as(report.toString()).isTrue();
        }
    }

    @Test
    void anotherModelThanTheMemorysIsRefused() {
        try (ForgettingListener listener = listener();
                Model other = SmallTasks.model()) {
            assertThatThrownBy(() -> sleep(listener).build().consolidate(other))
                    .isInstanceOf(EngramException.class);
        }
    }
}
