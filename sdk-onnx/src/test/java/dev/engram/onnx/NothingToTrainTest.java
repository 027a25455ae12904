package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.onnx.graph.OnnxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file in which nothing can learn says why. */
class NothingToTrainTest {

    @TempDir Path folder;

    @Test
    void aQuantisedFileSaysSo() {
        Path file =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 2)
                        .initializer(
                                Models.tensor("w", DataType.INT8, 2, 2)
                                        .setRawData(
                                                com.google.protobuf.ByteString.copyFrom(
                                                        new byte[] {1, 2, 3, 4}))
                                        .build())
                        .weights("scale", new long[] {}, 0.5f)
                        .node("DequantizeLinear", "d", "w", "scale")
                        .node("MatMul", "y", "x", "d")
                        .output("y", DataType.FLOAT)
                        .write(folder.resolve("quantised.onnx"));
        assertThatThrownBy(() -> OnnxBlock.builder().setModel(file).build())
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("quantised (DequantizeLinear \"d_node\")")
                .hasMessageContaining("from before the quantisation");
    }

    /** Beside a bias that could learn, it is the operator that is refused. */
    @Test
    void aPartlyQuantisedFileSaysSoToo() {
        Path file =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 2)
                        .weights("b", new long[] {2}, 1, 2)
                        .weights("scale", new long[] {}, 0.5f)
                        .node("QuantizeLinear", "q", "x", "scale")
                        .node("DequantizeLinear", "d", "q", "scale")
                        .node("Add", "y", "d", "b")
                        .output("y", DataType.FLOAT)
                        .write(folder.resolve("quantised.onnx"));
        assertThatThrownBy(() -> OnnxBlock.builder().setModel(file).build())
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("QuantizeLinear")
                .hasMessageContaining("It is quantised")
                .hasMessageNotContaining("runtime");
    }

    @Test
    void weightsInABranchAreNamedWithTheBranch() {
        Path file =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 2)
                        .input("c", DataType.BOOL)
                        .node(
                                "If",
                                List.of("c"),
                                List.of("y"),
                                Models.told("then_branch", branch("w")),
                                Models.told("else_branch", branch("v")))
                        .output("y", DataType.FLOAT)
                        .write(folder.resolve("branches.onnx"));
        assertThatThrownBy(() -> OnnxBlock.builder().setModel(file).build())
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("w=it lies inside the branch or loop of If \"theIf0\"")
                .hasMessageContaining("v=it lies inside the branch or loop of If \"theIf0\"");
    }

    private static GraphProto branch(String weight) {
        return Models.opset(13)
                .weight(weight, 2, 2)
                .node("MatMul", weight + "x", "x", weight)
                .output(weight + "x", DataType.FLOAT)
                .graph();
    }
}
