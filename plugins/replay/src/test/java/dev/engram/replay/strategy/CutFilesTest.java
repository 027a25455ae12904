package dev.engram.replay.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.memory.LearntTask;
import dev.engram.replay.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every file that is kept, cut anywhere: it is an error that names it, or nothing is lost. */
class CutFilesTest {

    private static final int CUTS = 6;

    @TempDir private Path folder;
    private Model model;
    private int copies;

    @BeforeEach
    void open() {
        model = Toy.model();
    }

    @AfterEach
    void close() {
        model.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileThatWasCutIsAnErrorOrCostsNothing(boolean hasMemory) throws IOException {
        Path whole = folder.resolve("whole");
        learn(whole, hasMemory, "a", 0);
        learn(whole, hasMemory, "b", 1);
        Random random = new Random(1);
        int refused = 0;
        for (Path file : files(whole)) {
            int length = Math.toIntExact(Files.size(file));
            for (int cut = 0; cut < CUTS && cut < length; cut++) {
                int left = cut == 0 ? length - 1 : random.nextInt(length);
                String where = "%s cut to %s of %s".formatted(whole.relativize(file), left, length);
                Path copy = folder.resolve("copy-" + ++copies);
                copy(whole, copy);
                Path damaged = copy.resolve(whole.relativize(file));
                Files.write(damaged, Arrays.copyOf(Files.readAllBytes(file), left));
                try {
                    learn(copy, hasMemory, "next", 0);
                    assertThat(stored(copy))
                            .as(where)
                            .containsEntry("a", 256L)
                            .containsEntry("b", 256L);
                } catch (EngramException e) {
                    assertThat(e).as(where).hasMessageContaining(copy.toString());
                    refused++;
                }
            }
        }
        assertThat(refused).isPositive();
    }

    private void learn(Path home, boolean hasMemory, String name, int task) {
        ForgettingListener.Builder builder =
                ForgettingListener.builder()
                        .addStrategy("er", Map.of("directory", home.resolve("store")));
        if (hasMemory) {
            builder.optMemory(home.resolve("memory"));
        }
        try (ForgettingListener listener = builder.build()) {
            listener.nextTask(name);
            Toy.fit(model, task, 1, listener);
            if (hasMemory) {
                assertThat(listener.tasks()).extracting(LearntTask::name).contains(name);
            }
        }
    }

    private static Map<String, Long> stored(Path home) {
        Map<String, Long> counts = new TreeMap<>();
        try (DiskStore disk = DiskStore.builder().setDirectory(home.resolve("store")).build()) {
            disk.forEach(key -> counts.merge(key.task(), 1L, Long::sum));
        }
        return counts;
    }

    private static List<Path> files(Path home) throws IOException {
        try (Stream<Path> all = Files.walk(home)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }
}
