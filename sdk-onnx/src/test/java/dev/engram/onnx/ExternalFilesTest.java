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
import dev.engram.onnx.graph.OnnxException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files with external data are copied no more than must be, and what a dead writer left goes. */
class ExternalFilesTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @TempDir Path folder;
    private Path home;
    private Path file;

    @BeforeEach
    void place() throws IOException {
        home = Files.createDirectory(folder.resolve("home"));
        file = home.resolve("model.onnx");
        Files.write(home.resolve("w.bin"), floats(1, 2, 3, 4));
        Files.write(home.resolve("c.bin"), floats(2, 2));
        Models.opset(13)
                .input("x", DataType.FLOAT, -1, 2)
                .initializer(external("w", "w.bin", 2, 2))
                .initializer(external("c", "c.bin", 1, 2))
                .node("MatMul", List.of("x", "w"), List.of("a"))
                .node("Div", List.of("a", "c"), List.of("y"))
                .output("y", DataType.FLOAT)
                .write(file);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static TensorProto external(String name, String location, long... dims) {
        return Models.tensor(name, DataType.FLOAT, dims)
                .setDataLocation(DataLocation.EXTERNAL)
                .addExternalData(
                        StringStringEntryProto.newBuilder().setKey("location").setValue(location))
                .addExternalData(
                        StringStringEntryProto.newBuilder()
                                .setKey("length")
                                .setValue(String.valueOf(4 * dims[0] * dims[1])))
                .build();
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    private void write(Path target, float added) throws IOException {
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        block.getParameters().get("w").getArray().addi(added);
        NDList sample = new NDList(manager.ones(new Shape(1, 2)));
        try {
            OnnxWriter.builder().setBlock(block).addSample(sample).build().write(target);
        } finally {
            block.clear();
        }
    }

    private Object identity(String name) throws IOException {
        return Files.getAttribute(home.resolve(name), "unix:ino");
    }

    private static void enlarge(Path file, long bytes) throws IOException {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(bytes);
        }
    }

    @Test
    void inPlaceOnlyFilesThatChangeAreReplaced() throws Exception {
        Object constants = identity("c.bin");
        Object weights = identity("w.bin");
        write(file, 0);
        assertThat(identity("w.bin")).isEqualTo(weights);
        write(file, 1);
        assertThat(identity("c.bin")).isEqualTo(constants);
        assertThat(identity("w.bin")).isNotEqualTo(weights);
        assertThat(Files.readAllBytes(home.resolve("w.bin"))).isEqualTo(floats(2, 3, 4, 5));
        assertThat(home.toFile().list()).containsExactlyInAnyOrder("model.onnx", "w.bin", "c.bin");
    }

    /** Sparse, so that the test needs no disk; a copy would. */
    @Test
    @Timeout(60)
    void hugeFilesAreCopiedUpToTheLastByteInUse() throws Exception {
        enlarge(home.resolve("w.bin"), 1L << 40);
        enlarge(home.resolve("c.bin"), 1L << 40);
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        write(elsewhere.resolve("model.onnx"), 1);
        assertThat(elsewhere.resolve("w.bin")).hasBinaryContent(floats(2, 3, 4, 5));
        assertThat(elsewhere.resolve("c.bin")).hasBinaryContent(floats(2, 2));
        assertThatThrownBy(() -> write(file, 1))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("w.bin has 1099511627776 bytes")
                .hasMessageContaining("uses the first 16");
    }

    @Test
    void whatLiesBehindTheTensorsStaysInPlace() throws Exception {
        Files.write(home.resolve("w.bin"), floats(1, 2, 3, 4, 99));
        write(file, 1);
        assertThat(home.resolve("w.bin")).hasBinaryContent(floats(2, 3, 4, 5, 99));
    }

    @Test
    void aSecondModelDoesNotChangeTheFirstThroughASharedFile() throws Exception {
        assertThatThrownBy(() -> write(home.resolve("other.onnx"), 1))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("would share w.bin with");
        assertThat(home.resolve("w.bin")).hasBinaryContent(floats(1, 2, 3, 4));
    }

    @Test
    void whatADeadWriterLeftGoesAndALivingOnesStays() throws Exception {
        Path dead = Files.createDirectory(home.resolve(".model.onnx.engram-1"));
        Files.write(dead.resolve("w.bin"), new byte[64]);
        Path deadLock = Files.createFile(home.resolve(".model.onnx.engram-1.lock"));
        Path living = Files.createDirectory(home.resolve(".model.onnx.engram-2"));
        Path lock = Files.createFile(home.resolve(".model.onnx.engram-2.lock"));
        Path other = Files.createDirectory(home.resolve(".other.onnx.engram-3"));
        try (FileChannel held = FileChannel.open(lock, StandardOpenOption.WRITE)) {
            held.lock();
            write(file, 1);
        }
        assertThat(dead).doesNotExist();
        assertThat(deadLock).doesNotExist();
        assertThat(living).exists();
        assertThat(lock).exists();
        assertThat(other).exists();
        write(file, 1);
        assertThat(living).doesNotExist();
    }
}
