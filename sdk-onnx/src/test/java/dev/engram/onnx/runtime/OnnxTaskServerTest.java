package dev.engram.onnx.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.api.EngramException;
import dev.engram.onnx.adapter.FloatMatrix;
import dev.engram.onnx.adapter.LowRankPair;
import dev.engram.onnx.adapter.OnnxAdapter;
import dev.engram.onnx.adapter.OnnxAdapterFile;
import dev.engram.onnx.testing.Ort;
import dev.engram.onnx.testing.RandomAdapters;
import dev.engram.onnx.testing.TwoLayers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxTaskServerTest {

    @TempDir Path folder;

    private Path prepared() {
        return PreparedModel.of(TwoLayers.in(folder), folder);
    }

    @Test
    void eachTaskHasItsOwnOutputsAndTheBaseStaysAsItIs() throws OrtException {
        Path prepared = prepared();
        try (OnnxTaskServer server = PreparedModel.open(prepared);
                OrtSession alone = Ort.session(prepared)) {
            Map<String, OnnxTensor> inputs = Ort.inputs(alone, 1);
            for (long seed = 0; seed < 3; seed++) {
                server.load("task" + seed, PreparedModel.adapter(prepared, seed));
            }
            for (long seed = 0; seed < 3; seed++) {
                OnnxAdapter adapter = OnnxAdapterFile.read(PreparedModel.adapter(prepared, seed));
                assertThat(Ort.first(server.run("task" + seed, inputs)))
                        .isEqualTo(Ort.run(alone, inputs, adapter));
            }
            assertThat(Ort.first(server.runBase(inputs))).isEqualTo(Ort.run(alone, inputs, null));
        }
    }

    @Test
    void aDamagedAdapterNeverServesAndTheEarlierOneStillDoes() throws Exception {
        Path prepared = prepared();
        try (OnnxTaskServer server = PreparedModel.open(prepared);
                OrtSession alone = Ort.session(prepared)) {
            Map<String, OnnxTensor> inputs = Ort.inputs(alone, 1);
            server.load("a", PreparedModel.adapter(prepared, 1));
            float[] before = Ort.first(server.run("a", inputs));
            byte[] good = Files.readAllBytes(PreparedModel.adapter(prepared, 2));
            Path bad = folder.resolve("bad.onnx_adapter");
            for (int at = 0; at < good.length; at += 7) {
                byte[] changed = good.clone();
                changed[at] ^= 0x10;
                Files.write(bad, changed);
                replaceOrFail(server, bad);
                float[] seen = Ort.first(server.run("a", inputs));
                assertThat(seen)
                        .satisfiesAnyOf(
                                v -> assertThat(v).isEqualTo(before),
                                v -> assertThat(v).isEqualTo(second(alone, inputs, good)));
            }
        }
    }

    private static void replaceOrFail(OnnxTaskServer server, Path bad) {
        try {
            server.replace("a", bad);
        } catch (EngramException e) {
            assertThat(e).hasMessageContaining("bad.onnx_adapter");
        }
    }

    private static float[] second(OrtSession alone, Map<String, OnnxTensor> inputs, byte[] good)
            throws OrtException {
        return Ort.run(alone, inputs, OnnxAdapterFile.decode(good, "good"));
    }

    @Test
    void ifOneOfSeveralCannotServeNoneIsReplaced() throws OrtException {
        Path prepared = prepared();
        try (OnnxTaskServer server = PreparedModel.open(prepared);
                OrtSession alone = Ort.session(prepared)) {
            Map<String, OnnxTensor> inputs = Ort.inputs(alone, 1);
            server.load("a", PreparedModel.adapter(prepared, 1));
            server.load("b", PreparedModel.adapter(prepared, 2));
            float[] before = Ort.first(server.run("a", inputs));
            OnnxAdapter fits = RandomAdapters.of(server.slots(), 2, 9);
            assertThatThrownBy(() -> server.replaceAll(Map.of("a", fits, "b", overflowing(server))))
                    .hasMessageContaining("adapter of task b gives y")
                    .hasMessageContaining("finite");
            assertThat(Ort.first(server.run("a", inputs))).isEqualTo(before);
        }
    }

    /** Finite itself, but its outputs are not: 8 relus of at least 1e38 times 1e38. */
    private static OnnxAdapter overflowing(OnnxTaskServer server) {
        float[] large = new float[8];
        Arrays.fill(large, 1e38f);
        FloatMatrix a = FloatMatrix.of(8, 1, large);
        FloatMatrix b = FloatMatrix.of(1, 3, 1e38f, 1e38f, 1e38f);
        return OnnxAdapter.builder(server.slots())
                .addPair("net.head.weight", LowRankPair.of(a, b, 1))
                .build();
    }

    @Test
    void anUnknownTaskIsNeverServedByTheBase() throws OrtException {
        Path prepared = prepared();
        try (OnnxTaskServer server = PreparedModel.open(prepared);
                OrtSession alone = Ort.session(prepared)) {
            Map<String, OnnxTensor> inputs = Ort.inputs(alone, 1);
            assertThatThrownBy(() -> server.run("billing", inputs)).hasMessageContaining("none is");
            server.load("billing", PreparedModel.adapter(prepared, 1));
            server.load("weather", PreparedModel.adapter(prepared, 2));
            assertThatThrownBy(() -> server.run("biling", inputs))
                    .hasMessage(
                            "There is no task biling; did you mean billing? Loaded are [billing,"
                                    + " weather]");
            assertThatThrownBy(() -> server.unload("wether")).hasMessageContaining("weather?");
            assertThatThrownBy(() -> server.load("billing", PreparedModel.adapter(prepared, 1)))
                    .hasMessageContaining("call replace");
        }
    }

    @Test
    void aClosedServerRefuses() throws OrtException {
        Path prepared = prepared();
        OnnxTaskServer server = PreparedModel.open(prepared);
        server.load("a", PreparedModel.adapter(prepared, 1));
        try (OrtSession alone = Ort.session(prepared)) {
            Map<String, OnnxTensor> inputs = Ort.inputs(alone, 1);
            server.close();
            assertThatCode(server::close).doesNotThrowAnyException();
            assertThatThrownBy(() -> server.run("a", inputs)).hasMessageContaining("closed");
            assertThatThrownBy(() -> server.runBase(inputs)).hasMessageContaining("closed");
            assertThatThrownBy(() -> server.load("b", PreparedModel.adapter(prepared, 1)))
                    .hasMessageContaining("closed");
        }
    }

    @Test
    void outputsOutliveTheServer() throws OrtException {
        Path prepared = prepared();
        OnnxTaskServer server = PreparedModel.open(prepared);
        server.load("a", PreparedModel.adapter(prepared, 1));
        try (OrtSession alone = Ort.session(prepared)) {
            Map<String, OnnxTensor> inputs = Ort.inputs(alone, 1);
            OrtSession.Result kept = server.run("a", inputs);
            float[] expected = Ort.first(server.run("a", inputs));
            server.close();
            assertThat(Ort.first(kept)).isEqualTo(expected);
        }
    }

    @Test
    void aModelWithoutSlotsOrAServerWithoutAModelIsRefused() throws IOException {
        assertThatThrownBy(() -> PreparedModel.open(TwoLayers.in(folder)))
                .hasMessageContaining("no slots");
        assertThatThrownBy(() -> OnnxTaskServer.builder().build()).hasMessageContaining("setModel");
    }
}
