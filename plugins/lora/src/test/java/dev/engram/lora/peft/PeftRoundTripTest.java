package dev.engram.lora.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Python's peft writes, Engram reads and writes, Python's peft reads and computes the same. */
@TestInstance(Lifecycle.PER_CLASS)
class PeftRoundTripTest {

    private static final String PYTHON = "ENGRAM_PEFT_PYTHON";

    private Path root;

    @BeforeAll
    void passAdaptersThroughEngram(@TempDir Path folder) throws Exception {
        root = folder;
        Optional<String> python =
                Optional.ofNullable(System.getProperty(PYTHON, System.getenv(PYTHON)));
        assumeTrue(
                python.isPresent(),
                "Skipped: set " + PYTHON + " to a python that has peft and transformers");
        run(python.get(), "build");
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (String variant : variants()) {
                Path both = root.resolve(variant);
                PeftFiles.write(
                        PeftFiles.read(both.resolve("python"), manager), both.resolve("java"));
            }
        }
        run(python.get(), "load");
    }

    static List<String> variants() {
        return List.of(
                "lora",
                "rslora",
                "dora",
                "ranks",
                "bias",
                "allbias",
                "embedding",
                "ia3",
                "half",
                "bfloat");
    }

    @ParameterizedTest
    @MethodSource("variants")
    void tensorsAreTheSameBitForBit(String variant) throws IOException {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (String writer : List.of("python", "java")) {
                PeftAdapter adapter =
                        PeftFiles.read(root.resolve(variant).resolve(writer), manager);
                assertThat(adapter.isVerified()).isEqualTo(writer.equals("java"));
                PeftFilesTest.requireSums(adapter, expected(variant));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void pythonComputesTheSameBitForBit(String variant) throws IOException {
        JsonObject expected =
                JsonParser.parseString(Files.readString(expected(variant))).getAsJsonObject();
        String outputs = Files.readString(root.resolve(variant).resolve("actual.txt"));
        assertThat(outputs).isEqualTo(expected.get("outputs").getAsString());
        assertThat(outputs).isNotEqualTo(expected.get("base").getAsString());
    }

    private Path expected(String variant) {
        return root.resolve(variant).resolve("expected.json");
    }

    private void run(String python, String action) throws IOException, InterruptedException {
        Path script = Path.of("src/test/resources/peft/roundtrip.py").toAbsolutePath();
        Path log = root.resolve(action + ".log");
        Process process =
                new ProcessBuilder(python, script.toString(), action, root.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        assertThat(process.waitFor()).as("%s", Files.readString(log)).isZero();
    }
}
