package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.write.NonFinite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is not written, with the reason; the file is as it was. */
class WriteRefusalsTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @TempDir Path folder;
    private Path file;
    private OnnxBlock block;
    private byte[] before;

    @BeforeEach
    void place() throws IOException {
        file =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 2)
                        .weights("w", new long[] {2, 2}, 1, 2, 3, 4)
                        .weights("b", new long[] {2}, 5, 6)
                        .node("MatMul", List.of("x", "w"), List.of("a"))
                        .node("Add", List.of("a", "b"), List.of("y"))
                        .output("y", DataType.FLOAT)
                        .write(folder.resolve("model.onnx"));
        before = Files.readAllBytes(file);
        block = OnnxBlock.builder().setModel(file).build();
    }

    @AfterEach
    void close() throws IOException {
        block.clear();
        manager.close();
        try (var left = Files.list(folder)) {
            assertThat(left.filter(path -> path.getFileName().toString().startsWith(".")))
                    .isEmpty();
        }
    }

    private OnnxWriter writer(long... dims) {
        return OnnxWriter.builder()
                .setBlock(block)
                .addSample(new NDList(manager.ones(new Shape(dims))))
                .build();
    }

    private void refused(Path target, String... parts) throws IOException {
        assertThatThrownBy(() -> writer(1, 2).write(target))
                .isInstanceOf(OnnxException.class)
                .hasMessageContainingAll(parts);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void valuesThatAreNoFiniteNumbers() throws Exception {
        block.getParameters().get("w").getArray().set(new float[] {Float.NaN, 1, Float.NaN, 2});
        block.getParameters().get("b").getArray().set(new float[] {0, Float.NEGATIVE_INFINITY});
        refused(file, "model.onnx was not written", "w (2 of 4), b (1 of 2)");
    }

    /** Finite in the block, infinite in the file. */
    @Test
    void valuesTooLargeForTheFile() {
        byte[] infinite = {(byte) 0x80, 0x7f, 0, 0};
        assertThat(NonFinite.count(infinite, dev.engram.onnx.graph.ElementType.BFLOAT16))
                .isEqualTo(1);
        byte[] halves = {0, 0x7c, (byte) 0xff, 0x7b};
        assertThat(NonFinite.count(halves, dev.engram.onnx.graph.ElementType.FLOAT16)).isEqualTo(1);
        byte[] doubles = {0, 0, 0, 0, 0, 0, (byte) 0xf8, 0x7f};
        assertThat(NonFinite.count(doubles, dev.engram.onnx.graph.ElementType.DOUBLE)).isEqualTo(1);
    }

    @Test
    void samplesOnWhichEverythingAgrees() {
        assertThatThrownBy(() -> writer(0, 2).write(file))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("(0, 2)")
                .hasMessageContaining("empty outputs");
    }

    @Test
    void nanAgreesWithNanOnlyWhereTheOriginalGivesItToo() throws Exception {
        Path rooted =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 2)
                        .weights("w", new long[] {2, 2}, 1, 0, 0, 1)
                        .node("MatMul", List.of("x", "w"), List.of("a"))
                        .node("Sqrt", List.of("a"), List.of("y"))
                        .output("y", DataType.FLOAT)
                        .write(folder.resolve("rooted.onnx"));
        OnnxBlock roots = OnnxBlock.builder().setModel(rooted).build();
        NDList sample = new NDList(manager.create(new float[] {4, -9}, new Shape(1, 2)));
        OnnxWriter writer = OnnxWriter.builder().setBlock(roots).addSample(sample).build();
        roots.getParameters().get("w").getArray().muli(2);
        assertThatCode(() -> writer.write(rooted)).doesNotThrowAnyException();
        roots.getParameters().get("w").getArray().set(new float[] {-1, 0, 0, 1});
        assertThatThrownBy(() -> writer.write(rooted))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("y by Infinity");
        roots.clear();
    }

    @Test
    void aBlockWhoseModelWasClosed() throws Exception {
        try (Model model = Model.newInstance("m", Device.cpu(), "PyTorch")) {
            model.setBlock(block);
            block.initialize(
                    model.getNDManager(), ai.djl.ndarray.types.DataType.FLOAT32, new Shape(1, 2));
        }
        refused(file, "has no values any more", "the model that it was initialised with");
    }

    @Test
    void aBlockThatWasCleared() throws Exception {
        block.clear();
        refused(file, "has no values any more", "the block cleared");
    }

    @Test
    void aSourceThatIsGone() throws Exception {
        Files.move(file, folder.resolve("moved.onnx"));
        assertThatThrownBy(() -> writer(1, 2).write(file))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("model.onnx is gone");
    }

    @Test
    void aFolderThatIsMissing() throws Exception {
        refused(folder.resolve("none/new.onnx"), "There is no folder", "none", "new.onnx");
    }

    @Test
    void aLinkThatLeadsNowhere() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("none"));
        assertThatThrownBy(() -> writer(1, 2).write(link))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("leads to a file that is not there");
    }

    @Test
    void aLinkStaysOneAndItsFileIsWritten() throws Exception {
        Path real = Files.createDirectory(folder.resolve("real")).resolve("deployed.onnx");
        Files.copy(file, real);
        Path link = Files.createSymbolicLink(folder.resolve("current.onnx"), real);
        block.getParameters().get("w").getArray().addi(1);
        writer(1, 2).write(link);
        assertThat(link).isSymbolicLink();
        assertThat(Files.readAllBytes(real)).isNotEqualTo(before).hasSameSizeAs(before);
        assertThat(real.getParent().toFile().list()).containsExactly("deployed.onnx");
    }
}
