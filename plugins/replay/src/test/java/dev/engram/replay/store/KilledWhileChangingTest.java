package dev.engram.replay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KilledWhileChangingTest {

    @TempDir private Path directory;

    @ParameterizedTest
    @EnumSource
    void everyChangeThatWasAcknowledgedIsThereAndWholeAndASecondProcessIsRefused(
            ChangingProcess.Kind kind) throws Exception {
        Random random = new Random(1);
        long last = 0;
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (int kill = 0; kill < kind.kills; kill++) {
                long acknowledged = killAfter(random.nextInt(400), kind);
                try (SampleStore store = kind.open(directory, false)) {
                    last = store.state().map(Long::parseLong).orElse(0L);
                    assertThat(last).isBetween(acknowledged, acknowledged + 1);
                    assertWhole(store, last, manager);
                }
            }
        }
        assertThat(last).as("changes in all").isGreaterThan((long) kind.changesAKill * kind.kills);
    }

    private static void assertWhole(SampleStore store, long last, NDManager manager) {
        Map<Long, List<Long>> changes = new TreeMap<>();
        store.forEach(
                key -> changes.computeIfAbsent(key.tag(), n -> new ArrayList<>()).add(key.id()));
        long first = Math.max(1, last - ChangingProcess.KEPT + 1);
        assertThat(changes).hasSize((int) (last - first + 1)).containsKeys(first, last);
        changes.forEach(
                (number, ids) -> {
                    assertThat(ids).hasSize(ChangingProcess.ADDED);
                    long[] wanted = ids.stream().mapToLong(Long::longValue).toArray();
                    try (NDManager scope = manager.newSubManager()) {
                        NDArray values = store.read(wanted, scope).head();
                        assertThat(values.min().getFloat()).isEqualTo((float) number);
                        assertThat(values.max().getFloat()).isEqualTo((float) number);
                    }
                });
    }

    /** Returns the number of the last change that the killed process said was applied. */
    private long killAfter(int millis, ChangingProcess.Kind kind) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ChangingProcess.class.getName(),
                                directory.toString(),
                                kind.name())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            long first = Long.parseLong(out.readLine());
            assertThatThrownBy(() -> kind.open(directory, false))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining(
                            kind == ChangingProcess.Kind.DISK
                                    ? directory + " is open elsewhere"
                                    : "vision");
            TimeUnit.MILLISECONDS.sleep(millis);
            // Unlike the process, its handle leaves what was printed to be read.
            process.toHandle().destroyForcibly();
            process.waitFor();
            List<String> rest = out.lines().collect(Collectors.toList());
            return rest.isEmpty() ? first : Long.parseLong(rest.get(rest.size() - 1));
        } finally {
            process.destroyForcibly();
        }
    }
}
