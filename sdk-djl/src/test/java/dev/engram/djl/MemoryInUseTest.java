package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import dev.engram.api.EngramException;
import dev.engram.djl.internal.memory.HoldingProcess;
import dev.engram.djl.memory.LearntTask;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two trainings with one memory directory: the second is told before its first step. */
class MemoryInUseTest {

    @TempDir private Path memory;
    private final Recorder second = new Recorder();
    private Model model;

    @BeforeEach
    void open() {
        model = Points.model(1);
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void anotherListenerOfTheProcessIsToldBeforeItsFirstStep() throws Exception {
        try (ForgettingListener one = listener(new Recorder());
                ForgettingListener two = listener(second);
                Model other = Points.model(1);
                Trainer trainer = Points.trainer(model, one)) {
            batch(trainer);
            assertThatThrownBy(() -> Points.fit(other, 0, two))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("in use by another listener of this process")
                    .hasMessageContaining("Close the other's trainer");
            assertThat(second.begun).isZero();
            assertThatThrownBy(() -> two.remember(other)).hasMessageContaining("in use by");
            assertThatThrownBy(() -> two.erase("Ada")).hasMessageContaining("in use by");
            // To open the lock's file a second time would give the lock up on some systems.
            try (Held refused = new Held()) {
                assertThat(refused.said)
                        .contains("in use by another process, of number")
                        .contains(Long.toString(ProcessHandle.current().pid()));
            }
            one.endTask();
            assertThat(one.tasks()).hasSize(1);
        }
    }

    @Test
    void anotherProcessIsToldByNumberAndMayReadMeanwhileAndItsDeathFreesTheDirectory()
            throws Exception {
        try (ForgettingListener first = listener(new Recorder())) {
            Points.fit(model, 0, first);
        }
        try (ForgettingListener listener = listener(second)) {
            try (Held elsewhere = new Held(1)) {
                assertThat(elsewhere.said).isEqualTo("held");
                assertThatThrownBy(() -> Points.fit(model, 1, listener))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining("another process, of number " + elsewhere.number());
                assertThat(second.begun).isZero();
                try (ForgettingListener reading = listener(new Recorder())) {
                    assertThat(reading.tasks()).extracting(LearntTask::name).contains("task-1");
                }
            }
            Points.fit(model, 1, listener);
            assertThat(listener.tasks()).hasSize(2);
        }
    }

    @Test
    void theEndOfATrainingFreesTheDirectoryWhateverItsEnd() throws Exception {
        try (ForgettingListener listener = listener(second)) {
            try (Trainer brokenOff = Points.trainer(model, listener)) {
                batch(brokenOff);
            }
            try (Held elsewhere = new Held()) {
                assertThat(elsewhere.said).isEqualTo("held");
            }
            listener.remember(model, Points.dataset(model.getNDManager(), 0));
            Points.fit(model, 1, listener);
            try (Held later = new Held()) {
                assertThat(later.said).contains("has written generation 2");
            }
        }
    }

    private static void batch(Trainer trainer) throws Exception {
        var manager = trainer.getModel().getNDManager();
        for (Batch batch : Points.dataset(manager, 0).getData(manager)) {
            try (batch) {
                EasyTrain.trainBatch(trainer, batch);
                trainer.step();
            }
            return;
        }
    }

    private ForgettingListener listener(Recorder guard) {
        return ForgettingListener.builder().addGuard(guard).optMemory(memory).build();
    }

    /** Another process that wants the directory, and what it says. */
    private final class Held implements AutoCloseable {

        private final Process process;
        private final String said;

        Held() throws IOException {
            this(0);
        }

        Held(int base) throws IOException {
            process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-XX:TieredStopAtLevel=1",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    HoldingProcess.class.getName(),
                                    memory.toString(),
                                    Integer.toString(base))
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            said =
                    new BufferedReader(
                                    new InputStreamReader(
                                            process.getInputStream(), StandardCharsets.UTF_8))
                            .readLine();
        }

        long number() {
            return process.pid();
        }

        /** Kills it with no chance to clean up. */
        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }
}
