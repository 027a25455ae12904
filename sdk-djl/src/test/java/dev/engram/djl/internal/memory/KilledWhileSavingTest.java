package dev.engram.djl.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledWhileSavingTest {

    private static final int KILLS = 50;

    @TempDir private Path root;

    @Test
    void aReadableGenerationIsLeftWhereverTheProcessIsKilled() throws Exception {
        Random random = new Random(1);
        long before = 0;
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (int kill = 0; kill < KILLS; kill++) {
                killAfter(random.nextInt(60));
                Generation left = new MemoryDirectory(root).latest().orElse(null);
                if (left != null) {
                    assertThat(left.number()).isGreaterThanOrEqualTo(before);
                    before = left.number();
                    assertComplete(left, manager);
                }
            }
        }
        assertThat(before).as("generations written in all").isGreaterThan(KILLS);
    }

    private static void assertComplete(Generation left, NDManager manager) {
        for (String kind : new String[] {"anchor", "importance"}) {
            try (NDManager scope = manager.newSubManager()) {
                Map<String, NDArray> tensors = left.reader("ewc", manager).tensors(kind, scope);
                NDArray value = tensors.get("w");
                assertThat(value.min().getFloat()).isEqualTo((float) left.number());
                assertThat(value.max().getFloat()).isEqualTo((float) left.number());
            }
        }
    }

    /**
     * Starts the process, waits until it saves again and again, and kills it with no chance to
     * clean up.
     */
    private void killAfter(int millis) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                                "-cp",
                                System.getProperty("java.class.path"),
                                SavingProcess.class.getName(),
                                root.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("saved");
            TimeUnit.MILLISECONDS.sleep(millis);
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }
}
