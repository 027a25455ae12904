package dev.engram.onnx.internal.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.onnx.testing.SharedData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX's own node tests for the operators in scope: 1,208 of them, in one archive. */
class NodeTests {

    private static final int ALL = 1208;

    /** What is known to differ, and why; everything else must pass. */
    private static final Map<String, String> EXCEPTIONS =
            Map.of(
                    "test_training_dropout",
                    "drops values that only NumPy's generator and seed would drop",
                    "test_training_dropout_mask",
                    "drops values that only NumPy's generator and seed would drop",
                    "test_training_dropout_default",
                    "drops values that only NumPy's generator and seed would drop",
                    "test_training_dropout_default_mask",
                    "drops values that only NumPy's generator and seed would drop");

    @TempDir Path folder;

    @Test
    void passAllButTheListed() throws IOException {
        Path archive = SharedData.onnx("node-tests.tar.xz");
        unpack(archive);
        List<Path> tests = folders();
        Map<String, String> failed = new TreeMap<>();
        for (Path test : tests) {
            try {
                new NodeTest(test).run();
            } catch (Exception | AssertionError e) {
                failed.put(test.getFileName().toString(), String.valueOf(e.getMessage()));
            }
        }
        assertThat(tests).hasSize(ALL);
        assertThat(failed.keySet()).as(failed.toString()).isEqualTo(EXCEPTIONS.keySet());
        assertThat(tests.size() - failed.size()).isEqualTo(ALL - EXCEPTIONS.size());
    }

    private List<Path> folders() throws IOException {
        List<Path> tests = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(file -> file.endsWith("model.onnx"))
                    .map(Path::getParent)
                    .sorted()
                    .forEach(tests::add);
        }
        return tests;
    }

    private void unpack(Path archive) throws IOException {
        try (InputStream file = Files.newInputStream(archive);
                InputStream plain = new XZCompressorInputStream(file);
                TarArchiveInputStream tar = new TarArchiveInputStream(plain)) {
            TarArchiveEntry entry = tar.getNextEntry();
            while (entry != null) {
                Path target = folder.resolve(entry.getName()).normalize();
                if (!entry.isDirectory()) {
                    Files.createDirectories(target.getParent());
                    Files.copy(tar, target);
                }
                entry = tar.getNextEntry();
            }
        }
    }
}
