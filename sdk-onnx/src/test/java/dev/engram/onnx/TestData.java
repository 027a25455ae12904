package dev.engram.onnx;

import java.nio.file.Path;
import java.util.Optional;

/** Data that is too large for the repository; tests that need it are skipped where it is not. */
public final class TestData {

    private static final String FOLDER = "engram.test.data";

    private TestData() {}

    public static Path onnx(String name) {
        String environment = Optional.ofNullable(System.getenv("ENGRAM_TEST_DATA")).orElse("");
        String folder = environment.isEmpty() ? System.getProperty(FOLDER, "") : environment;
        return Path.of(folder, "onnx", name);
    }
}
