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
import com.google.common.primitives.Bytes;
import dev.engram.onnx.graph.OnnxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of several files never takes or shares the files of another. */
class ExternalTargetsTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @TempDir Path folder;
    private Path home;
    private Path elsewhere;
    private Path file;
    private OnnxBlock block;

    @BeforeEach
    void place() throws IOException {
        home = Files.createDirectory(folder.resolve("home"));
        elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        file = model(home, "model.onnx", 1);
        block = trained(1);
    }

    @AfterEach
    void close() {
        block.clear();
        manager.close();
    }

    /** x * w * b, each in a file of its own. */
    private static Path model(Path folder, String name, float value) throws IOException {
        Files.write(folder.resolve("w.bin"), floats(value));
        Files.write(folder.resolve("b.bin"), floats(value));
        return Models.opset(13)
                .input("x", DataType.FLOAT, -1, 2)
                .initializer(external("w", "w.bin", 2, 2))
                .initializer(external("b", "./b.bin", 2, 2))
                .node("MatMul", List.of("x", "w"), List.of("a"))
                .node("MatMul", List.of("a", "b"), List.of("y"))
                .output("y", DataType.FLOAT)
                .write(folder.resolve(name));
    }

    static byte[] floats(float value) {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.putFloat(value).putFloat(value).putFloat(value).putFloat(value).array();
    }

    static TensorProto external(String name, String location, long... dims) {
        return Models.tensor(name, DataType.FLOAT, dims)
                .setDataLocation(DataLocation.EXTERNAL)
                .addExternalData(
                        StringStringEntryProto.newBuilder().setKey("location").setValue(location))
                .build();
    }

    private OnnxBlock trained(float added) throws IOException {
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        block.getParameters().values().forEach(each -> each.getArray().addi(added));
        return block;
    }

    static OnnxWriter writer(OnnxBlock block, NDManager manager) {
        NDList sample = new NDList(manager.ones(new Shape(1, 2)));
        return OnnxWriter.builder().setBlock(block).addSample(sample).build();
    }

    private Map<String, List<Byte>> files() throws IOException {
        Map<String, List<Byte>> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.filter(Files::isRegularFile).toList()) {
                files.put(each.toString(), bytes(each));
            }
        }
        return files;
    }

    private static List<Byte> bytes(Path file) throws IOException {
        return Bytes.asList(Files.readAllBytes(file));
    }

    /** Every file stays as it was, byte for byte, and none is added. */
    private void refused(Path target, String... parts) throws IOException {
        Map<String, List<Byte>> before = files();
        assertThatThrownBy(() -> writer(block, manager).write(target))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining(target.getFileName() + " was not written: ")
                .hasMessageContainingAll(parts);
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void theSourcesOwnDataIsNoTarget() throws Exception {
        refused(home.resolve("w.bin"), "model.onnx keeps its tensors there");
        Files.createLink(elsewhere.resolve("linked.bin"), home.resolve("w.bin"));
        refused(elsewhere.resolve("linked.bin"), "model.onnx keeps its tensors there");
    }

    @Test
    void theSourcesOwnDataIsNoTargetThoughNothingInItChanges() throws Exception {
        block.getParameters().get("w").getArray().subi(1);
        refused(home.resolve("w.bin"), "model.onnx keeps its tensors there");
    }

    @Test
    void aSecondModelInTheFolderWouldShareTheDataThoughNothingInItChanges() throws Exception {
        block.getParameters().values().forEach(each -> each.getArray().subi(1));
        refused(home.resolve("task.onnx"), "it would share w.bin with", "another folder");
    }

    @Test
    void dataOfAnotherModelIsNotOverwritten() throws Exception {
        model(elsewhere, "other.onnx", 7);
        refused(elsewhere.resolve("new.onnx"), "elsewhere/w.bin", "no model of the name new.onnx");
    }

    @Test
    void dataThatTheModelAtTheTargetDoesNotNameIsNotOverwritten() throws Exception {
        model(elsewhere, "other.onnx", 7);
        Path whole =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 2)
                        .weight("w", 2, 2)
                        .node("MatMul", List.of("x", "w"), List.of("y"))
                        .output("y", DataType.FLOAT)
                        .write(elsewhere.resolve("whole.onnx"));
        refused(whole, "elsewhere/w.bin", "no model of the name whole.onnx");
    }

    @Test
    void whatWasWrittenThereBeforeIsOverwritten() throws Exception {
        Path target = elsewhere.resolve("new.onnx");
        writer(block, manager).write(target);
        block.getParameters().values().forEach(each -> each.getArray().addi(1));
        writer(block, manager).write(target);
        assertThat(elsewhere.resolve("w.bin")).hasBinaryContent(floats(3));
        assertThat(elsewhere.resolve("b.bin")).hasBinaryContent(floats(3));
        assertThat(home.resolve("w.bin")).hasBinaryContent(floats(1));
    }

    @Test
    void aFileThatIsNoModelIsNotOverwritten() throws Exception {
        model(elsewhere, "other.onnx", 7);
        refused(elsewhere.resolve("w.bin"), "what is there is no ONNX model");
        Path empty = Files.createFile(elsewhere.resolve("empty.onnx"));
        refused(empty, "what is there is no ONNX model", "has no graph");
        refused(elsewhere, "what is there is no ONNX model", "is a folder");
    }

    @Test
    void theTargetHasAnotherNameThanItsData() throws Exception {
        refused(elsewhere.resolve("b.bin"), "go into a file b.bin beside it, of the same name");
    }

    @Test
    void aFolderThatLeadsToTheSourcesDataIsNotFollowed() throws Exception {
        Path inner = Files.createDirectory(home.resolve("data"));
        Files.write(inner.resolve("w.bin"), floats(1));
        Path split =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 2)
                        .initializer(external("w", "data/w.bin", 2, 2))
                        .node("MatMul", List.of("x", "w"), List.of("y"))
                        .output("y", DataType.FLOAT)
                        .write(home.resolve("split.onnx"));
        block.clear();
        block = OnnxBlock.builder().setModel(split).build();
        Files.createSymbolicLink(elsewhere.resolve("data"), inner);
        refused(elsewhere.resolve("split.onnx"), "a link leads from there to", "home/data");
    }

    /** The name has no file yet, so that only its folder tells that it lies beside the source. */
    @Test
    void aTargetBeyondALinkIsWhereTheLinkLeads() throws Exception {
        Path link = Files.createSymbolicLink(elsewhere.resolve("link"), home);
        refused(link.resolve("new.onnx"), "it would share w.bin with");
        Path far = Files.createDirectory(folder.resolve("far"));
        Path inner = Files.createDirectory(far.resolve("inner"));
        Path up = Files.createSymbolicLink(home.resolve("up"), inner).resolve("../new.onnx");
        writer(block, manager).write(up);
        assertThat(far.resolve("w.bin")).hasBinaryContent(floats(2));
        assertThat(home.resolve("w.bin")).hasBinaryContent(floats(1));
    }
}
