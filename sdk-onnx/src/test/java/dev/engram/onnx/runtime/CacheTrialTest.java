package dev.engram.onnx.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.engram.onnx.Models;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model with a cache has lengths that belong together; inputs to try it on are made up so. */
class CacheTrialTest {

    @TempDir Path folder;

    /**
     * Scores over the cache and the new position, which are multiplied by a mask of both lengths.
     */
    private Path file(String masked) {
        GraphProto.Builder graph =
                Models.opset(13)
                        .weight("w", 4, 4)
                        .node("MatMul", "k", "x", "w")
                        .node(
                                "Concat",
                                List.of("past", "k"),
                                List.of("all"),
                                Models.told("axis", 1))
                        .node(
                                "Transpose",
                                List.of("all"),
                                List.of("t"),
                                Models.told("perm", new long[] {0, 2, 1}))
                        .node("MatMul", "s", "x", "t")
                        .node("MatMul", "y", "s", "mask")
                        .output("y", DataType.FLOAT)
                        .graph()
                        .toBuilder()
                        .addInput(input("x", "batch", "sequence", 4))
                        .addInput(input("past", "batch", "past_sequence_length", 4))
                        .addInput(input("mask", "batch", masked, 1));
        ModelProto model = Models.opset(13).model().setGraph(graph).build();
        return Models.write(model, folder.resolve("decoder.onnx"));
    }

    private static ValueInfoProto input(String name, String rows, String length, long width) {
        ValueInfoProto.Builder value = Models.value(name, DataType.FLOAT).toBuilder();
        var shape = value.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
        shape.addDimBuilder().setDimParam(rows);
        shape.addDimBuilder().setDimParam(length);
        shape.addDimBuilder().setDimValue(width);
        return value.build();
    }

    @ParameterizedTest
    @CsvSource({
        "past_sequence_length + sequence",
        "past_sequence_length + 1",
        "total_sequence_length",
        "dynamic_axes_7"
    })
    void aServerOpensWithoutTrialInputs(String masked) {
        Path prepared = PreparedModel.of(file(masked), folder);
        try (OnnxTaskServer server = PreparedModel.open(prepared)) {
            server.load("t", PreparedModel.adapter(prepared, 1));
            assertThat(server.tasks()).containsExactly("t");
        }
    }
}
