package dev.engram.onnx.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.onnx.Models;
import dev.engram.onnx.adapter.FloatMatrix;
import dev.engram.onnx.adapter.LowRankPair;
import dev.engram.onnx.adapter.OnnxAdapter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On what an adapter is tried before it serves, where nobody gives inputs. */
class TrialTest {

    @TempDir Path folder;

    /** Zeros times anything are zeros, and a bias of zero hides nothing. */
    @Test
    void anOverflowThatZerosDoNotShowIsFoundByTheSecondTrial() {
        Path model =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 4)
                        .weight("w", 4, 4)
                        .node("MatMul", "y", "x", "w")
                        .output("y", DataType.FLOAT, -1, 4)
                        .write(folder.resolve("bare.onnx"));
        try (OnnxTaskServer server = PreparedModel.open(PreparedModel.of(model, folder))) {
            float[] large = {1e30f, -2e30f, 4e30f, -8e30f};
            FloatMatrix a = FloatMatrix.of(4, 1, large);
            FloatMatrix b = FloatMatrix.of(1, 4, large);
            OnnxAdapter adapter =
                    OnnxAdapter.builder(server.slots()).addPair("w", LowRankPair.of(a, b)).build();
            assertThatThrownBy(() -> server.load("t", adapter))
                    .hasMessageContaining("adapter of task t gives y");
            assertThat(server.tasks()).isEmpty();
        }
    }

    /** Of one word there is no second: the model does not run on ones, and serves all the same. */
    @Test
    void aModelThatOnesDoNotFitIsTriedOnZerosOnly() {
        Path model =
                Models.opset(13)
                        .input("word", DataType.INT64, -1)
                        .weight("table", 1, 4)
                        .weight("w", 4, 4)
                        .node("Gather", "e", "table", "word")
                        .node("MatMul", "y", "e", "w")
                        .output("y", DataType.FLOAT, -1, 4)
                        .write(folder.resolve("words.onnx"));
        Path prepared = PreparedModel.of(model, folder);
        try (OnnxTaskServer server = PreparedModel.open(prepared)) {
            server.load("t", PreparedModel.adapter(prepared, 1));
            assertThat(server.tasks()).containsExactly("t");
        }
    }
}
