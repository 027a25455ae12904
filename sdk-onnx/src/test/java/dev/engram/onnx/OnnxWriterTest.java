package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import dev.engram.onnx.graph.OnnxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxWriterTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @TempDir Path folder;
    private Path file;

    @BeforeEach
    void place() {
        file = folder.resolve("model.onnx");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static Models model() {
        return Models.opset(13)
                .input("x", DataType.FLOAT, -1, 2)
                .node("MatMul", List.of("x", "w"), List.of("a"))
                .node("Add", List.of("a", "b"), List.of("y"))
                .output("y", DataType.FLOAT);
    }

    private NDList sample() {
        return new NDList(manager.create(new float[] {1, -2}, new Shape(1, 2)));
    }

    private OnnxBlock trained() throws IOException {
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        block.getParameters().values().forEach(p -> p.getArray().addi(1));
        return block;
    }

    private OnnxWriter writer(OnnxBlock block) {
        return OnnxWriter.builder().setBlock(block).addSample(sample()).build();
    }

    @Test
    void onlyTheBytesOfTheValuesChange() throws Exception {
        model().weights("w", new long[] {2, 2}, 1, 2, 3, 4)
                .numbers("b", new long[] {2}, 5, 6)
                .write(file);
        byte[] before = Files.readAllBytes(file);
        OnnxBlock block = trained();
        writer(block).write(file);
        byte[] after = Files.readAllBytes(file);
        assertThat(after).hasSameSizeAs(before);
        assertThat(changed(before, after)).isBetween(6, 6 * Float.BYTES);
        OnnxBlock again = OnnxBlock.builder().setModel(file).build();
        assertThat(again.getParameters().get("w").getArray().toFloatArray())
                .containsExactly(2, 3, 4, 5);
        assertThat(again.getParameters().get("b").getArray().toFloatArray()).containsExactly(6, 7);
        assertThat(folder.toFile().list()).containsExactly("model.onnx");
    }

    private static int changed(byte[] before, byte[] after) {
        int changed = 0;
        for (int i = 0; i < before.length; i++) {
            changed += before[i] == after[i] ? 0 : 1;
        }
        return changed;
    }

    @Test
    void anUntrainedBlockWritesTheSameFile() throws Exception {
        model().weights("w", new long[] {2, 2}, 1, 2, 3, 4)
                .weights("b", new long[] {2}, 5, 6)
                .write(file);
        byte[] before = Files.readAllBytes(file);
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        Path other = folder.resolve("other.onnx");
        writer(block).write(other);
        assertThat(Files.readAllBytes(other)).isEqualTo(before);
    }

    @Test
    void aFileThatAnswersOtherwiseIsNotWritten() throws Exception {
        model().weights("w", new long[] {2, 2}, 1, 2, 3, 4)
                .weights("b", new long[] {2}, 5, 6)
                .write(file);
        byte[] before = Files.readAllBytes(file);
        OnnxBlock block = trained();
        OnnxWriter strict =
                OnnxWriter.builder().setBlock(block).addSample(sample()).optTolerance(-1).build();
        assertThatThrownBy(() -> strict.write(file))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("y by 0.0");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(folder.toFile().list()).containsExactly("model.onnx");
    }

    @Test
    void aWriterWithoutSamplesIsRefused() {
        assertThatThrownBy(() -> OnnxWriter.builder().build())
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("addSample");
    }

    @Test
    void externalDataStaysExternal() throws Exception {
        Files.write(folder.resolve("weights.bin"), floats(9, 9, 1, 2, 3, 4, 7));
        model().initializer(external("weights.bin", 8, 16))
                .weights("b", new long[] {2}, 5, 6)
                .write(file);
        OnnxBlock block = trained();
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        writer(block).write(elsewhere.resolve("new.onnx"));
        assertThat(Files.readAllBytes(elsewhere.resolve("weights.bin")))
                .isEqualTo(floats(9, 9, 2, 3, 4, 5));
        writer(block).write(file);
        assertThat(Files.readAllBytes(folder.resolve("weights.bin")))
                .isEqualTo(floats(9, 9, 2, 3, 4, 5, 7));
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).hasSize(3);
        }
    }

    @Test
    void halvesGoBackAsHalves() throws Exception {
        TensorProto half =
                Models.tensor("w", DataType.FLOAT16, 2, 2)
                        .setRawData(
                                ByteString.copyFrom(
                                        new byte[] {0, 0x3c, 0, 0x40, 0, 0x3c, 0, 0x40}))
                        .build();
        TensorProto listed =
                Models.tensor("b", DataType.FLOAT16, 2)
                        .addInt32Data(0x3c00)
                        .addInt32Data(0x4000)
                        .build();
        Models.opset(13)
                .input("x", DataType.FLOAT16, -1, 2)
                .initializer(half)
                .initializer(listed)
                .node("MatMul", List.of("x", "w"), List.of("a"))
                .node("Add", List.of("a", "b"), List.of("y"))
                .output("y", DataType.FLOAT16)
                .write(file);
        OnnxBlock block = trained();
        NDList sample =
                new NDList(sample().head().toType(ai.djl.ndarray.types.DataType.FLOAT16, true));
        OnnxWriter.builder().setBlock(block).addSample(sample).build().write(file);
        OnnxBlock again = OnnxBlock.builder().setModel(file).build();
        for (String name : List.of("w", "b")) {
            assertThat(again.getParameters().get(name).getArray().toByteArray())
                    .isEqualTo(block.getParameters().get(name).getArray().toByteArray());
        }
    }

    private static TensorProto external(String location, int offset, int length) {
        return Models.tensor("w", DataType.FLOAT, 2, 2)
                .setDataLocation(DataLocation.EXTERNAL)
                .addExternalData(entry("location", location))
                .addExternalData(entry("offset", String.valueOf(offset)))
                .addExternalData(entry("length", String.valueOf(length)))
                .build();
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }
}
