package com.example.forgetting;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.memory.LearntTask;
import dev.engram.tck.SmallTasks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What one process learnt another one protects, beside strategies of Engram's own. */
class AnotherProcessTest {

    private static final int EPOCHS = 40;
    private static final double MARGIN = 0.02;

    @TempDir static Path folder;

    @BeforeAll
    static void learnTheFirstTasks() throws Exception {
        Process first =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                FirstProcess.class.getName(),
                                folder.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(first.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(first.waitFor()).as(said).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void theFirstTaskStaysWhileThisProcessLearnsAnother(Combination combination) throws Exception {
        Path learnt = folder.resolve(combination.name());
        double control = accuracyAfterAnother(learnt);
        try (Model model = loaded(learnt);
                ForgettingListener listener = combination.listener(learnt.resolve("memory"))) {
            assertThat(listener.tasks()).extracting(LearntTask::name).containsExactly("task-1");
            SmallTasks.fit(model, 1, EPOCHS, listener);
            assertThat(SmallTasks.accuracy(model, 0)).isGreaterThan(control + MARGIN);
        }
    }

    @Test
    void aTaskOverABaseAnswersAsInTheProcessThatLearntIt() throws Exception {
        Path learnt = folder.resolve("bitfit");
        try (Model model = loaded(learnt);
                ForgettingListener listener = FirstProcess.bitFit(learnt)) {
            assertThat(FirstProcess.answers(listener.tasks(model).handle("task-1")))
                    .isEqualTo(Files.readString(learnt.resolve(FirstProcess.ANSWERS)));
        }
    }

    private static double accuracyAfterAnother(Path learnt) throws Exception {
        try (Model unguarded = loaded(learnt)) {
            SmallTasks.fit(unguarded, 1, EPOCHS);
            return SmallTasks.accuracy(unguarded, 0);
        }
    }

    private static Model loaded(Path learnt) throws Exception {
        Model model = SmallTasks.model();
        model.load(learnt, FirstProcess.MODEL);
        return model;
    }
}
