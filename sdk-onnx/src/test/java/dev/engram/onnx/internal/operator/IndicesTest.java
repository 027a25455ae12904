package dev.engram.onnx.internal.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.onnx.Models;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.model.OnnxModel;
import dev.engram.onnx.internal.program.Interpreter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Negative places count from the end, once; every other place outside the array fails. */
class IndicesTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @TempDir Path folder;

    /** Picks from or puts into three rows of two, where place is the number of a row or column. */
    private float[] run(String type, long[] dims, AttributeProto told, long... places)
            throws IOException {
        boolean puts = type.startsWith("Scatter");
        Models model =
                Models.opset(16)
                        .input("x", DataType.FLOAT, 3, 2)
                        .input("i", DataType.INT64, dims)
                        .weights("u", new long[] {1, 2}, 7, 8)
                        .node(
                                type,
                                puts ? List.of("x", "i", "u") : List.of("x", "i"),
                                List.of("y"),
                                told)
                        .output("y", DataType.FLOAT);
        OnnxModel read = OnnxModel.read(model.write(folder.resolve("model.onnx")));
        try (NDManager own = manager.newSubManager();
                Interpreter ours = new Interpreter(read, Set.of(), StandardOperators.TABLE, own)) {
            NDArray x = own.create(new float[] {0, 1, 10, 11, 20, 21}, new Shape(3, 2));
            NDArray index = own.create(places, new Shape(dims));
            return ours.run(new NDList(x, index), Map.of(), false).head().toFloatArray();
        }
    }

    private void refused(String type, long[] dims, AttributeProto told, long... places) {
        assertThatThrownBy(() -> run(type, dims, told, places))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("the" + type + "0")
                .hasMessageContaining("picks place " + places[places.length - 1])
                .hasMessageContaining("model.onnx");
    }

    @ParameterizedTest
    @ValueSource(longs = {3, 99, -4, -6, 1L << 40, -(1L << 40)})
    void rowsOutside(long place) {
        refused("Gather", new long[] {2}, Models.told("axis", 0), 1, place);
        refused("GatherElements", new long[] {1, 2}, Models.told("axis", 0), 1, place);
        refused("GatherND", new long[] {1, 1}, Models.told("batch_dims", 0), place);
        refused("ScatterElements", new long[] {1, 2}, Models.told("axis", 0), 1, place);
        refused("ScatterElements", new long[] {1, 2}, Models.told("reduction", "add"), 1, place);
        refused("ScatterND", new long[] {1, 1}, Models.told("reduction", "none"), place);
        refused("ScatterND", new long[] {1, 1}, Models.told("reduction", "add"), place);
    }

    /** Added up with the row, such a column would lie in another row. */
    @ParameterizedTest
    @ValueSource(longs = {2, 3, -3, -4, 1L << 40, -(1L << 40)})
    void columnsOutside(long place) {
        refused("Gather", new long[] {2}, Models.told("axis", 1), 1, place);
        refused("GatherElements", new long[] {3, 1}, Models.told("axis", 1), 1, 0, place);
        refused("GatherND", new long[] {1, 2}, Models.told("batch_dims", 0), 1, place);
        refused("ScatterElements", new long[] {1, 1}, Models.told("axis", 1), place);
    }

    @Test
    void negativePlacesCountFromTheEnd() throws Exception {
        assertThat(run("Gather", new long[] {2}, Models.told("axis", 0), -1, -3))
                .containsExactly(20, 21, 0, 1);
        assertThat(run("Gather", new long[] {2}, Models.told("axis", 1), -1, -2))
                .containsExactly(1, 0, 11, 10, 21, 20);
        assertThat(run("GatherND", new long[] {1, 2}, Models.told("batch_dims", 0), -2, -1))
                .containsExactly(11);
        assertThat(run("ScatterND", new long[] {1, 1}, Models.told("reduction", "add"), -3))
                .containsExactly(7, 9, 10, 11, 20, 21);
    }
}
