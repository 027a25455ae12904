package dev.engram.sleep;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import dev.engram.tck.SmallTasks;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As many kills as the system property {@code engram.kills} says; two unless set. */
class KilledWhileSleepingTest {

    private static final int KILLS = Integer.getInteger("engram.kills", 2);

    @TempDir private Path folder;

    @Test
    void theModelOfBeforeStandsOrOneThatWasAccepted() throws Exception {
        Path file = folder.resolve("before");
        Path directory = folder.resolve("sleep");
        Random random = new Random(7);
        Forgotten.train(folder);
        try (Forgotten forgotten = new Forgotten(folder)) {
            String before = Forgotten.sum(forgotten.model);
            double first = forgotten.accuracy(0);
            double second = forgotten.accuracy(Forgotten.SECOND);
            int recovered = 0;
            for (int kill = 0; kill < KILLS; kill++) {
                killAfter(random.nextInt(2500));
                try (Model model = Forgotten.loaded(file)) {
                    assertThat(Forgotten.sum(model)).isEqualTo(before);
                    if (forgotten.sleep().optDirectory(directory).build().recover(model)) {
                        recovered++;
                        assertThat(SmallTasks.accuracy(model, 0)).isGreaterThan(first);
                        assertThat(SmallTasks.accuracy(model, Forgotten.SECOND))
                                .isGreaterThan(second - 0.1);
                    } else {
                        assertThat(Forgotten.sum(model)).isEqualTo(before);
                    }
                }
            }
            System.out.printf(
                    "%d kills: %d accepted, %d before%n", KILLS, recovered, KILLS - recovered);
        }
    }

    private void killAfter(int millis) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                                "-cp",
                                System.getProperty("java.class.path"),
                                SleepingProcess.class.getName(),
                                folder.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("slept");
            TimeUnit.MILLISECONDS.sleep(millis);
            process.toHandle().destroyForcibly();
            process.waitFor();
        } finally {
            process.destroyForcibly();
        }
    }
}
