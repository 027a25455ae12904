package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights that a file keeps in Constant nodes. */
class ConstantWeightsTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @TempDir Path folder;

    @AfterEach
    void close() {
        manager.close();
    }

    private Path file() {
        return folder.resolve("model.onnx");
    }

    private NDArray run(OnnxBlock block, NDArray input, boolean training) {
        return block.forward(new ParameterStore(manager, false), new NDList(input), training)
                .head();
    }

    /** As a tensor of an attribute: raw bytes, or numbers packed in the message. */
    private static Models constant(Models model, String name, boolean raw, int... dims) {
        var tensor =
                Models.tensor("", DataType.FLOAT, Arrays.stream(dims).asLongStream().toArray());
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 1; i <= Arrays.stream(dims).reduce(1, (a, b) -> a * b); i++) {
            bytes.putFloat(i);
            if (!raw) {
                tensor.addFloatData(i);
            }
        }
        if (raw) {
            tensor.setRawData(ByteString.copyFrom(bytes.flip()));
        }
        return model.node(
                "Constant", List.of(), List.of(name), Models.told("value", tensor.build()));
    }

    private static Models constants(boolean raw) {
        Models model = Models.opset(13).input("x", DataType.FLOAT, -1, 2);
        constant(model, "w", raw, 2, 2);
        constant(model, "b", raw, 2);
        constant(model, "grid", raw, 2, 2);
        return model.node("MatMul", List.of("x", "w"), List.of("a"))
                .node("Add", List.of("a", "b"), List.of("c"))
                .node("Add", List.of("c", "grid"), List.of("d"))
                .output("d", DataType.FLOAT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void weightsInConstantNodesTrainAndAreWrittenWhereTheyWere(boolean raw) throws Exception {
        Path file = constants(raw).write(file());
        long size = Files.size(file);
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        assertThat(block.getParameters().keys()).containsExactlyInAnyOrder("w", "b", "grid");
        block.getParameters().values().forEach(p -> p.getArray().addi(1));
        NDArray x = manager.create(new float[] {1, -1, 2, 0}, new Shape(2, 2));
        OnnxWriter.builder().setBlock(block).addSample(new NDList(x)).build().write(file);
        assertThat(file).hasSize(size);
        OnnxBlock again = OnnxBlock.builder().setModel(file).build();
        assertThat(again.getParameters().get("w").getArray().toFloatArray())
                .containsExactly(2, 3, 4, 5);
        assertThat(run(again, x, false)).isEqualTo(run(block, x, false));
        block.clear();
        again.clear();
    }

    @Test
    void besideInitialisersOnlyAnUndoubtedWeightInAConstantNodeTrains() throws Exception {
        Path file =
                constants(true)
                        .weights("v", new long[] {2, 2}, 1, 2, 3, 4)
                        .node("MatMul", List.of("d", "v"), List.of("e"))
                        .output("e", DataType.FLOAT)
                        .write(file());
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        assertThat(block.getParameters().keys()).containsExactlyInAnyOrder("w", "v");
        OnnxBlock all = OnnxBlock.builder().setModel(file).optTrainable(own -> true).build();
        assertThat(all.trained().keySet()).containsExactlyInAnyOrder("w", "v", "b", "grid");
        block.clear();
        all.clear();
    }

    @Test
    void aConstantNodeThatNeedsTheModelWrittenAnewKeepsItsPlace() throws Exception {
        var tensor = Models.tensor("", DataType.FLOAT16, 2, 2);
        List.of(0x3c00, 0x4000, 0x4200, 0x4400).forEach(tensor::addInt32Data);
        Path file =
                Models.opset(13)
                        .input("x", DataType.FLOAT16, -1, 2)
                        .node(
                                "Constant",
                                List.of(),
                                List.of("w"),
                                Models.told("value", tensor.build()))
                        .node("MatMul", List.of("x", "w"), List.of("y"))
                        .output("y", DataType.FLOAT16)
                        .write(file());
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        block.getParameters().get("w").getArray().muli(2);
        NDArray x = manager.create(new float[] {1, -1}, new Shape(1, 2));
        NDList sample = new NDList(x.toType(ai.djl.ndarray.types.DataType.FLOAT16, false));
        OnnxWriter.builder().setBlock(block).addSample(sample).build().write(file);
        OnnxBlock again = OnnxBlock.builder().setModel(file).build();
        assertThat(again.getParameters().get("w").getArray())
                .isEqualTo(block.getParameters().get("w").getArray());
        block.clear();
        again.clear();
    }
}
