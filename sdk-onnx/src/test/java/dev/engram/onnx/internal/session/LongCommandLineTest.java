package dev.engram.onnx.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import dev.engram.onnx.runtime.OnnxTaskServer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** ONNX Runtime 1.29.0 ends a process with a long class path when it starts on a usual stack. */
class LongCommandLineTest {

    @Test
    void onnxRuntimeStartsInAProcessWithALongCommandLine() throws Exception {
        Process java =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-Dlong=" + "/some/folder/some.jar:".repeat(4_000),
                                        "-cp",
                                        System.getProperty(
                                                "surefire.test.class.path",
                                                System.getProperty("java.class.path")),
                                        Start.class.getName()))
                        .inheritIO()
                        .start();
        assertThat(java.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(java.exitValue()).isZero();
    }

    /** What the process does. */
    static final class Start {

        private Start() {}

        public static void main(String[] args) {
            // The door for users; what they call themselves afterwards finds it started.
            if (OnnxTaskServer.environment() != OrtEnvironment.getEnvironment()) {
                throw new AssertionError("two environments");
            }
        }
    }
}
