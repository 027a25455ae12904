package dev.engram.onnx.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The real files beside the checkout; tests that need them are skipped where they are not. */
public final class SharedData {

    private SharedData() {}

    /** Returns a file of the folder {@code onnx}. */
    public static Path onnx(String name) {
        String byDefault = System.getProperty("engram.test.data", "../shared/data");
        String folder = System.getenv().getOrDefault("ENGRAM_TEST_DATA", byDefault);
        Path file = Path.of(folder, "onnx", name);
        Assumptions.assumeTrue(
                Files.exists(file), () -> "Skipped: there is no " + file.toAbsolutePath());
        return file;
    }
}
