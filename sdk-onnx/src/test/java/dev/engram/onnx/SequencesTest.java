package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.training.Difference;
import dev.engram.onnx.internal.write.OrtRun;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of tensors, as in exports that were not optimised. */
class SequencesTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @TempDir Path folder;

    @AfterEach
    void close() {
        manager.close();
    }

    private static TensorProto whole(String name, long value) {
        return Models.tensor(name, DataType.INT64).addInt64Data(value).build();
    }

    /** A product of six columns, to be split. */
    private static Models begun() {
        return Models.opset(18)
                .input("x", DataType.FLOAT, -1, 4)
                .weight("w", 4, 6)
                .node("MatMul", "p", "x", "w")
                .initializer(whole("zero", 0))
                .initializer(whole("one", 1))
                .initializer(whole("last", -1))
                .initializer(whole("two", 2));
    }

    private static Models graph(String kind) {
        Models graph = begun();
        switch (kind) {
            case "equal parts" ->
                    graph.node("SplitToSequence", "s", "p", "two")
                            .with("axis", 1)
                            .node("SequenceAt", "a", "s", "zero")
                            .node("SequenceAt", "b", "s", "last")
                            .node("Mul", "y", "a", "b");
            case "sizes" ->
                    graph.integers("sizes", 1, 3, 2)
                            .node("SplitToSequence", "s", "p", "sizes")
                            .with("axis", -1)
                            .node("SequenceAt", "a", "s", "one")
                            .node("SequenceAt", "b", "s", "zero")
                            .node("Mul", "y", "a", "b");
            case "one each" ->
                    graph.node("SplitToSequence", "s", "p")
                            .with("axis", 1)
                            .with("keepdims", 0)
                            .node("SequenceAt", "a", "s", "two")
                            .node("SequenceLength", "n", "s")
                            .node("Cast", "f", "n")
                            .with("to", 1)
                            .node("Mul", "y", "a", "f");
            case "joined" ->
                    graph.node("Relu", "r", "p")
                            .node("SequenceConstruct", "s", "p", "r")
                            .node("SequenceInsert", "t", "s", "r", "zero")
                            .node("ConcatFromSequence", "y", "t")
                            .with("axis", 1);
            default ->
                    graph.node("Relu", "r", "p")
                            .node("SequenceConstruct", "s", "p", "r")
                            .node("ConcatFromSequence", "c", "s")
                            .with("axis", 0)
                            .with("new_axis", 1)
                            .node("SequenceAt", "a", "s", "last")
                            .node("Add", "y", "c", "a");
        }
        return graph.output("y", DataType.FLOAT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"equal parts", "sizes", "one each", "joined", "stacked"})
    void listsGiveWhatOnnxRuntimeGivesAndTrain(String kind) throws Exception {
        Path file = graph(kind).write(folder.resolve("lists.onnx"));
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        NDList inputs = new NDList(manager.randomNormal(new Shape(3, 4)));
        try (OrtRun runtime = new OrtRun(file)) {
            NDList seen = block.forward(new ParameterStore(manager, false), inputs, false);
            List<double[]> expected = runtime.run(block.inputs(), inputs, block.outputs());
            assertThat(Difference.relative(seen.head(), expected.get(0))).isLessThan(1e-6);
        }
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDList y = block.forward(new ParameterStore(manager, false), inputs, true);
            collector.backward(y.head().square().sum());
        }
        NDArray gradient = block.getParameters().get("w").getArray().getGradient();
        assertThat(gradient.abs().sum().getFloat()).isPositive();
        block.clear();
    }

    @Test
    void aListThatLeavesTheGraphIsRefusedByItsOperator() {
        Path file =
                begun().node("SplitToSequence", "s", "p", "two")
                        .with("axis", 1)
                        .output("s", DataType.FLOAT)
                        .write(folder.resolve("lists.onnx"));
        assertThatThrownBy(() -> OnnxBlock.builder().setModel(file).build())
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("SplitToSequence")
                .hasMessageNotContaining("runtime");
    }

    @Test
    void aPickOutsideTheListIsNamed() {
        Path file =
                begun().initializer(whole("nine", 9))
                        .node("SequenceConstruct", "s", "p")
                        .node("SequenceAt", "y", "s", "nine")
                        .output("y", DataType.FLOAT)
                        .write(folder.resolve("lists.onnx"));
        assertThatThrownBy(() -> OnnxBlock.builder().setModel(file).build())
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("picks 9 of a list of 1");
    }
}
