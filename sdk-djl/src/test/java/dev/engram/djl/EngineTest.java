package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import dev.engram.api.EngramException;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** An engine or a GPU that is not there is said in one line that tells what to do. */
class EngineTest {

    @Test
    void anEngineThatIsNotOnTheClassPathIsNamedWithItsArtifact() throws Exception {
        String others =
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(jar -> !jar.contains("pytorch"))
                        .collect(Collectors.joining(File.pathSeparator));
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                others,
                                NoEngine.class.getName())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        byte[] said = process.getInputStream().readAllBytes();
        List<String> lines = new String(said, StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.get(0))
                .contains("Engram needs DJL's engine \"PyTorch\", and DJL has none")
                .contains("ai.djl.pytorch:pytorch-engine");
        assertThat(String.join("\n", lines.subList(1, lines.size())))
                .contains("Engram needs an engine, and DJL has none")
                .contains("ai.djl.pytorch:pytorch-engine");
    }

    @Test
    void aGpuThatIsNotThereIsSaidBeforeTheFirstStep() {
        try (Model model = Points.model(1);
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(new Recorder()).build()) {
            assertThatThrownBy(
                            () ->
                                    model.newTrainer(
                                            Points.config(0.1f, listener)
                                                    .optDevices(new Device[] {Device.gpu(63)})))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("gpu(63)")
                    .hasMessageContaining("use Device.cpu(), or install the engine for GPUs");
        }
    }
}
