package dev.engram.onnx.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.onnx.Models;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.proto.ModelFile;
import dev.engram.onnx.internal.session.Sessions;
import dev.engram.onnx.testing.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileFilesTest {

    @TempDir Path folder;
    private Path home;
    private Path file;

    @BeforeEach
    void place() throws IOException {
        home = Files.createDirectory(folder.resolve("home"));
        file = home.resolve("model.onnx");
        Files.write(folder.resolve("secret"), new byte[64]);
    }

    private static Models model() {
        return Models.opset(13)
                .input("x", DataType.FLOAT, -1, 2)
                .node("Relu", List.of("x"), List.of("y"))
                .output("y", DataType.FLOAT);
    }

    private void refused(Models model, String... parts) throws IOException {
        model.write(file);
        refusedAsItIs(parts);
    }

    private void refusedAsItIs(String... parts) {
        assertThatThrownBy(() -> OnnxModel.read(file))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContainingAll(parts);
    }

    @Test
    void ringsOfNodes() throws Exception {
        refused(
                model().node("Relu", List.of("b"), List.of("a"))
                        .node("Relu", List.of("a"), List.of("b")),
                "theRelu1",
                "waits for its own output");
    }

    @Test
    void nodesInDisorderAreSorted() throws Exception {
        Models.opset(13)
                .input("x", DataType.FLOAT, 2)
                .node("Relu", List.of("a"), List.of("y"))
                .node("Neg", List.of("x"), List.of("a"))
                .output("y", DataType.FLOAT)
                .write(file);
        assertThat(OnnxModel.read(file).graph().nodes())
                .extracting(Node::type)
                .containsExactly("Neg", "Relu");
    }

    @Test
    void namesGivenTwice() throws Exception {
        refused(model().node("Neg", List.of("x"), List.of("y")), "\"y\" is given twice");
        refused(model().node("Neg", List.of("y"), List.of("x")), "\"x\" is given twice");
        refused(model().integers("a", 1).integers("a", 2), "\"a\"", "twice");
        refused(model().input("x", DataType.FLOAT, 2), "two inputs \"x\"");
    }

    @Test
    void valuesThatNothingComputes() throws Exception {
        refused(model().node("Neg", List.of("ghost"), List.of("z")), "\"ghost\"", "theNeg1");
        refused(model().output("ghost", DataType.FLOAT), "\"ghost\"");
    }

    @Test
    void shapesLargerThanTheFile() throws Exception {
        refused(model().initializer(tensor(1L << 40)), "\"w\"", "more than the");
        refused(model().initializer(tensor(1L << 62, 1L << 62)), "\"w\"", "more than the");
        refused(model().initializer(tensor(-1, 4)), "negative dimension -1");
        refused(model().initializer(tensor(3)), "\"w\"", "12 bytes", "has 0");
        long[] many = new long[40];
        Arrays.fill(many, 1);
        refused(model().initializer(tensor(many)), "40 axes");
    }

    private static TensorProto tensor(long... dims) {
        return Models.tensor("w", DataType.FLOAT, dims).build();
    }

    @Test
    void typesThatNobodyHolds() throws Exception {
        TensorProto text = tensor(1).toBuilder().setDataType(DataType.STRING.getNumber()).build();
        refused(model().initializer(text), "\"w\"", "element type 8");
        refused(
                model().initializer(text.toBuilder().setDataType(4711).build()),
                "element type 4711");
    }

    @Test
    void graphsNestedWithoutEnd() throws Exception {
        GraphProto inner = model().graph();
        for (int i = 0; i < 20; i++) {
            inner =
                    Models.opset(13)
                            .node(
                                    "If",
                                    List.of("x"),
                                    List.of("o" + i),
                                    Models.told("then_branch", inner))
                            .output("o" + i, DataType.FLOAT)
                            .graph();
        }
        refused(
                model().node("If", List.of("x"), List.of("z"), Models.told("else_branch", inner)),
                "nested deeper than 16");
    }

    @Test
    void messagesNestedWithoutEnd() throws Exception {
        byte[] inner = new byte[0];
        for (int i = 0; i < 3000; i++) {
            inner = inside(i % 3 == 0 ? 6 : i % 3 == 1 ? 5 : 1, inner);
        }
        Files.write(file, inside(7, inner));
        refusedAsItIs("was damaged");
    }

    private static byte[] inside(int field, byte[] message) throws IOException {
        var out = new java.io.ByteArrayOutputStream();
        var coded = com.google.protobuf.CodedOutputStream.newInstance(out);
        coded.writeByteArray(field, message);
        coded.flush();
        return out.toByteArray();
    }

    @Test
    void functionsAndWhatIsNoModel() throws Exception {
        Files.write(
                file,
                model().build().toBuilder()
                        .addFunctions(FunctionProto.newBuilder().setName("f"))
                        .build()
                        .toByteArray());
        refusedAsItIs("functions");
        Files.write(file, new byte[0]);
        refusedAsItIs("no graph");
        Files.writeString(file, "This is not a model, it is a letter.");
        refusedAsItIs("no ONNX model");
    }

    /** Reading a pipe would wait for whoever writes into it. */
    @Test
    @Timeout(30)
    void whatIsNoFile() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
        refusedAsItIs("pipe");
        assertThatThrownBy(() -> ModelFile.read(file)).hasMessageContaining("pipe");
        assertThatThrownBy(() -> Sessions.open(file, 1)).hasMessageContaining("pipe");
        Files.delete(file);
        refusedAsItIs("There is no model file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret",
                "a/../../secret",
                "link",
                "linked/secret",
                "",
                ".",
                "C:\\secret",
                "..\\secret",
                "absent\0"
            })
    void externalPathsThatLeaveTheFolder(String location) throws Exception {
        Files.createSymbolicLink(home.resolve("link"), folder.resolve("secret"));
        Files.createSymbolicLink(home.resolve("linked"), folder);
        Files.createDirectory(home.resolve("a"));
        refused(model().initializer(external(location, "0", "8")), "\"w\"", "nothing outside");
    }

    @Test
    void absoluteExternalPaths() throws Exception {
        String secret = folder.resolve("secret").toAbsolutePath().toString();
        refused(model().initializer(external(secret, "0", "8")), "nothing outside");
    }

    @Test
    void externalPlacesOutsideTheirFile() throws Exception {
        Files.write(home.resolve("data"), new byte[16]);
        refused(model().initializer(external("data", "12", "8")), "only 16 bytes");
        refused(model().initializer(external("data", "-4", "8")), "before its file begins");
        refused(model().initializer(external("data", "9223372036854775807", "8")), "16 bytes");
        refused(model().initializer(external("data", "x", "8")), "no number");
        refused(model().initializer(external("data", "0", "4")), "\"w\"");
        refused(model().initializer(external("gone", "0", "8")), "cannot be read");
        model().initializer(external("data", "8", "8")).write(file);
        assertThat(OnnxModel.read(file).graph().initializers().get("w").size()).isEqualTo(2);
    }

    private static TensorProto external(String location, String offset, String length) {
        return tensor(2).toBuilder()
                .setDataLocation(DataLocation.EXTERNAL)
                .addExternalData(entry("location", location))
                .addExternalData(entry("offset", offset))
                .addExternalData(entry("length", length))
                .build();
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    /** Whatever happens to the bytes, the answer is a model or an {@link OnnxException}. */
    @ParameterizedTest
    @ValueSource(strings = {"exports/mlp-eager-ts.onnx", "exports/llama-eager-ts.onnx"})
    void mutationsOfRealFiles(String name) throws Exception {
        Path real = SharedData.onnx(name);
        byte[] whole = Files.readAllBytes(real);
        Random random = new Random(5);
        for (int i = 0; i < 1500; i++) {
            byte[] bytes =
                    Arrays.copyOf(whole, i % 3 == 0 ? random.nextInt(whole.length) : whole.length);
            for (int k = 0; k < random.nextInt(8) && bytes.length > 0; k++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, bytes);
            try {
                OnnxModel.read(file);
            } catch (OnnxException e) {
                assertThat(e).hasMessageContaining(file.toString());
            }
        }
    }
}
