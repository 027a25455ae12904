package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.model.OnnxModel;
import dev.engram.onnx.internal.operator.StandardOperators;
import dev.engram.onnx.internal.program.Interpreter;
import dev.engram.onnx.internal.training.Difference;
import dev.engram.onnx.internal.write.OrtRun;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ControlFlowTest {

    @TempDir Path folder;

    private static GraphProto branch(String operator, String output) {
        return Models.opset(13)
                .node(operator, List.of("x"), List.of(output))
                .output(output, DataType.FLOAT)
                .graph();
    }

    /** Rows of x decide which branch runs, as exporters write it for optional squeezes. */
    private static Models chooses() {
        return Models.opset(13)
                .input("x", DataType.FLOAT, -1, 2)
                .initializer(Models.tensor("zero", DataType.INT64).addInt64Data(0).build())
                .initializer(Models.tensor("one", DataType.INT64).addInt64Data(1).build())
                .node("Shape", List.of("x"), List.of("shape"))
                .node("Gather", List.of("shape", "zero"), List.of("rows"))
                .node("Equal", List.of("rows", "one"), List.of("single"))
                .node(
                        "If",
                        List.of("single"),
                        List.of("y"),
                        Models.told("then_branch", branch("Neg", "n")),
                        Models.told("else_branch", branch("Exp", "e")))
                .output("y", DataType.FLOAT);
    }

    /** s = s·x in each of three rounds, and all of them collected. */
    private static Models repeats() {
        GraphProto body =
                Models.opset(13)
                        .input("round", DataType.INT64)
                        .input("before", DataType.BOOL)
                        .input("s", DataType.FLOAT, 1, 2)
                        .node("Mul", List.of("s", "x"), List.of("t"))
                        .node("Identity", List.of("t"), List.of("seen"))
                        .node("Identity", List.of("before"), List.of("after"))
                        .output("after", DataType.BOOL)
                        .output("t", DataType.FLOAT)
                        .output("seen", DataType.FLOAT)
                        .graph();
        TensorProto three = Models.tensor("three", DataType.INT64).addInt64Data(3).build();
        TensorProto yes = Models.tensor("yes", DataType.BOOL).addInt32Data(1).build();
        return Models.opset(13)
                .input("x", DataType.FLOAT, 1, 2)
                .initializer(three)
                .initializer(yes)
                .node(
                        "Loop",
                        List.of("three", "yes", "x"),
                        List.of("last", "all"),
                        Models.told("body", body))
                .output("last", DataType.FLOAT)
                .output("all", DataType.FLOAT);
    }

    @Test
    void branchesFollowTheShape() throws Exception {
        agrees(chooses(), new Shape(1, 2));
        agrees(chooses(), new Shape(3, 2));
    }

    @Test
    void loopsCarryAndCollect() throws Exception {
        agrees(repeats(), new Shape(1, 2));
    }

    private void agrees(Models model, Shape shape) throws Exception {
        Path file = model.write(folder.resolve("model.onnx"));
        OnnxModel read = OnnxModel.read(file);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                Interpreter ours =
                        new Interpreter(read, Set.of(), StandardOperators.TABLE, manager);
                OrtRun theirs = new OrtRun(file)) {
            NDList inputs = new NDList(manager.randomUniform(-2, 2, shape));
            List<double[]> expected =
                    theirs.run(read.graph().inputs(), inputs, read.graph().outputs());
            for (int round = 0; round < 2; round++) {
                NDList seen = ours.run(inputs, Map.of(), false);
                for (int i = 0; i < expected.size(); i++) {
                    assertThat(Difference.relative(seen.get(i), expected.get(i))).isLessThan(1e-6);
                }
            }
        }
    }

    @Test
    void aFewBytesCannotAskForAllMemory() throws Exception {
        Models wide =
                Models.opset(13)
                        .input("x", DataType.FLOAT, 1)
                        .integers("shape", 1L << 40, 1L << 20)
                        .node("ConstantOfShape", List.of("shape"), List.of("all"))
                        .node("Add", List.of("all", "x"), List.of("y"))
                        .output("y", DataType.FLOAT);
        refused(wide, "theConstantOfShape0");
        Models doubled =
                Models.opset(13)
                        .input("x", DataType.FLOAT, 1)
                        .integers("row", 1, 1 << 16)
                        .integers("column", 1 << 16, 1)
                        .node("ConstantOfShape", List.of("row"), List.of("a"))
                        .node("ConstantOfShape", List.of("column"), List.of("b"))
                        .node("MatMul", List.of("b", "a"), List.of("c"))
                        .node("Add", List.of("c", "x"), List.of("y"))
                        .output("y", DataType.FLOAT);
        refused(doubled, "theMatMul2");
    }

    private static GraphProto round(String condition, String... inputs) {
        return Models.opset(13)
                .input("round", DataType.INT64)
                .input("before", DataType.BOOL)
                .input("s", DataType.FLOAT, 1, 2)
                .node(condition, List.of(inputs), List.of("after"))
                .node("Mul", List.of("s", "x"), List.of("t"))
                .output("after", DataType.BOOL)
                .output("t", DataType.FLOAT)
                .graph();
    }

    private static Models loop(GraphProto body) {
        return Models.opset(13)
                .input("x", DataType.FLOAT, 1, 2)
                .initializer(Models.tensor("n", DataType.INT64).addInt64Data(1L << 40).build())
                .initializer(Models.tensor("two", DataType.INT64).addInt64Data(2).build())
                .node("Loop", List.of("n", "", "x"), List.of("y"), Models.told("body", body))
                .output("y", DataType.FLOAT);
    }

    @Test
    @Timeout(30)
    void aLoopWithoutEndIsRefusedWhenTheFileIsRead() throws Exception {
        refused(loop(round("Identity", "before")), "theLoop0", "1099511627776 rounds");
    }

    /** Exporters write the largest number where the body decides. */
    @Test
    @Timeout(30)
    void aLoopThatEndsItselfMayStateAnyNumberOfRounds() throws Exception {
        agrees(loop(round("Less", "round", "two")), new Shape(1, 2));
    }

    @Test
    void wholeNumbersAreNotDividedByAStoredZero() throws Exception {
        for (String type : List.of("Div", "Mod")) {
            Models model =
                    Models.opset(13)
                            .input("x", DataType.FLOAT, 2)
                            .integers("a", 7, 7)
                            .integers("b", 2, 0)
                            .node(type, List.of("a", "b"), List.of("c"))
                            .node("Cast", List.of("c"), List.of("d"), Models.told("to", 1))
                            .node("Add", List.of("x", "d"), List.of("y"))
                            .output("y", DataType.FLOAT);
            refused(model, "the" + type + "0", "by zero");
        }
    }

    private void refused(Models model, String node) throws Exception {
        refused(model, node, "elements");
    }

    private void refused(Models model, String node, String why) throws Exception {
        OnnxModel read = OnnxModel.read(model.write(folder.resolve("model.onnx")));
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            assertThatThrownBy(
                            () -> new Interpreter(read, Set.of(), StandardOperators.TABLE, manager))
                    .isInstanceOf(OnnxException.class)
                    .hasMessageContaining(node)
                    .hasMessageContaining("model.onnx")
                    .hasMessageContaining(why);
        }
    }
}
