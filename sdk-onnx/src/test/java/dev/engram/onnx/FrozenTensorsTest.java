package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights behind other nodes train, and those that do not are named. */
class FrozenTensorsTest {

    @TempDir Path folder;

    private static Models model() {
        return Models.opset(13)
                .input("x", DataType.FLOAT, -1, 2)
                .weights("v", new long[] {2, 2}, 1, 2, 3, 4)
                .node("MatMul", List.of("x", "v"), List.of("a"));
    }

    private OnnxBlock block(Models model) throws IOException {
        return OnnxBlock.builder()
                .setModel(model.output("y", DataType.FLOAT).write(folder.resolve("model.onnx")))
                .build();
    }

    private void trains(Models model, String... names) throws IOException {
        OnnxBlock block = block(model);
        assertThat(block.trained()).containsKeys(names);
        assertThat(block.frozen()).isEmpty();
        block.getParameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray x = manager.create(new float[] {1, -2}, new Shape(1, 2));
            NDList y = block.forward(new ParameterStore(manager, false), new NDList(x), true);
            collector.backward(y.head().sum());
            for (String name : names) {
                NDArray gradient = block.getParameters().get(name).getArray().getGradient();
                assertThat(gradient.abs().sum().getFloat()).as(name).isGreaterThan(0);
            }
        }
        block.clear();
    }

    @Test
    void weightsBehindReshapesTrain() throws Exception {
        trains(
                model().weights("w", new long[] {4}, 1, 2, 3, 4)
                        .integers("shape", 2, 2)
                        .node("Reshape", List.of("w", "shape"), List.of("m"))
                        .node("MatMul", List.of("a", "m"), List.of("y")),
                "w");
        trains(
                model().weights("w", new long[] {2}, 1, 2)
                        .integers("axis", 1)
                        .node("Unsqueeze", List.of("w", "axis"), List.of("m"))
                        .node("MatMul", List.of("a", "m"), List.of("y")),
                "w");
    }

    @Test
    void fusedWeightsThatASplitCutsUpTrain() throws Exception {
        trains(
                model().weights("w", new long[] {2, 4}, 1, 2, 3, 4, 5, 6, 7, 8)
                        .node("Split", List.of("w"), List.of("q", "k"), Models.told("axis", 1))
                        .node("MatMul", List.of("a", "q"), List.of("b"))
                        .node("MatMul", List.of("b", "k"), List.of("y")),
                "w");
    }

    @Test
    void theSingleSlopeOfAPReluTrains() throws Exception {
        trains(
                model().weights("slope", new long[] {1}, 0.25f)
                        .node("PRelu", List.of("a", "slope"), List.of("y")),
                "slope");
    }

    private static GraphProto branch(String weight) {
        return Models.opset(13)
                .weights(weight, new long[] {2, 2}, 1, 2, 3, 4)
                .node("MatMul", List.of("a", weight), List.of(weight + "y"))
                .output(weight + "y", DataType.FLOAT)
                .graph();
    }

    @Test
    void whatIsNotRecognisedIsNamedAndConstantsAreNot() throws Exception {
        Models model =
                model().weights("scaled", new long[] {2, 2}, 1, 2, 3, 4)
                        .weights("half", new long[] {}, 0.5f)
                        .weights("mask", new long[] {1, 2}, 0, -3.4e38f)
                        .weights("row", new long[] {2}, 1, 2)
                        .integers("yes", 1)
                        .node("Mul", List.of("scaled", "half"), List.of("w"))
                        .node("MatMul", List.of("a", "w"), List.of("b"))
                        .node("Add", List.of("b", "mask"), List.of("c"))
                        .node("Div", List.of("c", "row"), List.of("d"))
                        .node("Cast", List.of("yes"), List.of("flag"), Models.told("to", 9))
                        .node(
                                "If",
                                List.of("flag"),
                                List.of("e"),
                                Models.told("then_branch", branch("inner")),
                                Models.told("else_branch", branch("other")))
                        .node("Add", List.of("d", "e"), List.of("y"));
        PrintStream usual = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        OnnxBlock block;
        try {
            block = block(model);
        } finally {
            System.setErr(usual);
        }
        assertThat(block.trained()).containsOnlyKeys("v");
        assertThat(block.frozen()).containsOnlyKeys("scaled", "inner", "other");
        assertThat(block.frozen().get("scaled")).contains("theMul");
        assertThat(block.frozen().get("inner")).contains("inside the branch or loop of If");
        assertThat(log.toString(StandardCharsets.UTF_8))
                .contains("model.onnx", "scaled", "inner", "optTrainable");
        block.clear();
    }
}
