package dev.engram.replay.store;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledWhileSharingTest {

    private static final int KILLS = 2;

    @TempDir private Path directory;

    @Test
    void everyChangeThatADatabaseCommittedIsThereAndWhole() throws Exception {
        // H2 writes behind by half a second unless told otherwise.
        String url = "jdbc:h2:file:" + directory.resolve("memory") + ";WRITE_DELAY=0";
        Random random = new Random(1);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (int kill = 0; kill < KILLS; kill++) {
                long acknowledged = killAfter(random.nextInt(300), url);
                try (SampleStore store = SharingProcess.open(url)) {
                    long last = store.state().map(Long::parseLong).orElse(0L);
                    assertThat(last).isBetween(acknowledged, acknowledged + 1);
                    assertWhole(store, last, manager);
                }
            }
        }
    }

    private static void assertWhole(SampleStore store, long last, NDManager manager) {
        List<Long> ids = new ArrayList<>();
        store.forEach(
                key -> {
                    assertThat(key.tag()).isEqualTo(last);
                    ids.add(key.id());
                });
        assertThat(ids).hasSize(SharingProcess.ADDED);
        long[] wanted = ids.stream().mapToLong(Long::longValue).toArray();
        try (NDManager scope = manager.newSubManager()) {
            NDArray values = store.read(wanted, scope).head();
            assertThat(values.min().getFloat()).isEqualTo((float) last);
            assertThat(values.max().getFloat()).isEqualTo((float) last);
        }
    }

    /** Returns the number of the last change that the killed process said was applied. */
    private static long killAfter(int millis, String url) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                                "-cp",
                                System.getProperty("java.class.path"),
                                SharingProcess.class.getName(),
                                url)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            long first = Long.parseLong(out.readLine());
            TimeUnit.MILLISECONDS.sleep(millis);
            process.toHandle().destroyForcibly();
            process.waitFor();
            List<String> rest = out.lines().toList();
            return rest.isEmpty() ? first : Long.parseLong(rest.get(rest.size() - 1));
        } finally {
            process.destroyForcibly();
        }
    }
}
