package dev.engram.onnx.runtime;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.engram.api.EngramException;
import dev.engram.onnx.testing.Ort;
import dev.engram.onnx.testing.TwoLayers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server does not run, because ONNX Runtime could not or should not. */
class RefusedRunsTest {

    @TempDir Path folder;

    private Path prepared() {
        return PreparedModel.of(TwoLayers.in(folder), folder);
    }

    /** ONNX Runtime itself would read freed memory, and the process end. */
    @Test
    void closedInputsAreRefusedBeforeOnnxRuntimeSeesThem() throws OrtException {
        Path prepared = prepared();
        OnnxTensor closed = Ort.floats(new float[8], 2, 4);
        closed.close();
        Map<String, OnnxTensor> inputs = Map.of("x", closed);
        try (OnnxTaskServer server = PreparedModel.open(prepared)) {
            server.load("a", PreparedModel.adapter(prepared, 1));
            assertThatThrownBy(() -> server.run("a", inputs))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("input x is closed");
            assertThatThrownBy(() -> server.runBase(inputs))
                    .hasMessageContaining("input x is closed");
        }
        OnnxTaskServer.Builder builder =
                OnnxTaskServer.builder().setModel(prepared).optTrialInputs(inputs);
        assertThatThrownBy(builder::build).hasMessageContaining("input x is closed");
    }

    @Test
    void aTaskWithoutANameIsRefusedClearly() throws OrtException {
        Path prepared = prepared();
        try (OnnxTaskServer server = PreparedModel.open(prepared);
                OnnxTensor x = Ort.floats(new float[8], 2, 4)) {
            Path adapter = PreparedModel.adapter(prepared, 1);
            assertThatThrownBy(() -> server.run(null, Map.of("x", x)))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("No task was named");
            assertThatThrownBy(() -> server.load(null, adapter)).hasMessageContaining("No task");
            assertThatThrownBy(() -> server.replace(null, adapter)).hasMessageContaining("No task");
            assertThatThrownBy(() -> server.unload(null)).hasMessageContaining("No task");
        }
    }

    @Test
    void inputsThatDoNotFitAreNamed() throws OrtException {
        Path prepared = prepared();
        try (OnnxTaskServer server = PreparedModel.open(prepared);
                OnnxTensor wrong = Ort.floats(new float[6], 2, 3)) {
            server.load("a", PreparedModel.adapter(prepared, 1));
            assertThatThrownBy(() -> server.run("a", Map.of("x", wrong)))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("cannot run task a on the inputs [x]");
        }
    }
}
