package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.onnx.graph.OnnxException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class OnnxBlockTest {

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

    /** y = w·x·2 + b, where 2 is a constant of the graph. */
    private Models line() {
        return Models.opset(13)
                .input("x", DataType.FLOAT, -1, 2)
                .weights("w", new long[] {2, 2}, 1, 2, 3, 4)
                .weights("two", new long[] {}, 2)
                .weights("b", new long[] {2}, 10, 20)
                .node("MatMul", List.of("x", "w"), List.of("a"))
                .node("Mul", List.of("a", "two"), List.of("c"))
                .node("Add", List.of("c", "b"), List.of("y"))
                .output("y", DataType.FLOAT);
    }

    @Test
    void weightsAndBiasesAreParametersAndFactorsAreNot() throws Exception {
        OnnxBlock block = OnnxBlock.builder().setModel(line().write(file())).build();
        assertThat(block.getParameters().keys()).containsExactly("w", "b");
        NDArray y = run(block, manager.create(new float[] {1, 1}, new Shape(1, 2)), false);
        assertThat(y.toFloatArray()).containsExactly(18, 32);
        assertThat(y.getName()).isEqualTo("y");
        block.clear();
    }

    @Test
    void largeTensorsArriveWhole() throws Exception {
        float[] values = new float[(1 << 22) + 6];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 1000;
        }
        Path file =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 2)
                        .weights("w", new long[] {2, values.length / 2}, values)
                        .node("MatMul", List.of("x", "w"), List.of("y"))
                        .output("y", DataType.FLOAT)
                        .write(file());
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        assertThat(block.getParameters().get("w").getArray().toFloatArray()).isEqualTo(values);
        block.clear();
    }

    @Test
    void theUserDecidesWhatTrains() throws Exception {
        OnnxBlock block =
                OnnxBlock.builder()
                        .setModel(line().write(file()))
                        .optTrainable(own -> own.role() == Role.CONSTANT)
                        .build();
        assertThat(block.trained().keySet()).containsExactly("two");
        block.clear();
    }

    @Test
    void theStatisticsOfBatchNormAreNotTrained() throws Exception {
        Models model =
                Models.opset(15)
                        .input("x", DataType.FLOAT, -1, 2, 3)
                        .weights("scale", new long[] {2}, 1, 2)
                        .weights("shift", new long[] {2}, 0, 1)
                        .weights("mean", new long[] {2}, 3, 4)
                        .weights("variance", new long[] {2}, 1, 4)
                        .node(
                                "BatchNormalization",
                                List.of("x", "scale", "shift", "mean", "variance"),
                                List.of("y"))
                        .output("y", DataType.FLOAT);
        OnnxBlock block = OnnxBlock.builder().setModel(model.write(file())).build();
        assertThat(block.trained().keySet()).containsExactly("scale", "shift");
        block.clear();
    }

    @Test
    void masksAndRotaryFrequenciesAreNotTrained() throws Exception {
        Models model =
                Models.opset(13)
                        .input("x", DataType.FLOAT, 1, 2)
                        .weights("w", new long[] {2, 2}, 1, 2, 3, 4)
                        .weights("mask", new long[] {2}, 0, -3.4e38f)
                        .weights("frequencies", new long[] {2, 2}, 1, 0.1f, 1, 0.1f)
                        .node("MatMul", List.of("x", "w"), List.of("a"))
                        .node("Add", List.of("a", "mask"), List.of("b"))
                        .node("MatMul", List.of("x", "frequencies"), List.of("angle"))
                        .node("Cos", List.of("angle"), List.of("cos"))
                        .node("Mul", List.of("b", "cos"), List.of("y"))
                        .output("y", DataType.FLOAT);
        OnnxBlock block = OnnxBlock.builder().setModel(model.write(file())).build();
        assertThat(block.trained().keySet()).containsExactly("w");
        block.clear();
    }

    /** Six nodes that each take what the one before gives forty times: 40⁶ ways to the end. */
    @Test
    @Timeout(30)
    void aNodeIsLookedAtOnceHoweverManyWaysLeadThere() throws Exception {
        Models model =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 2)
                        .weights("w", new long[] {2, 2}, 1, 2, 3, 4)
                        .node("MatMul", List.of("x", "w"), List.of("c0"));
        for (int i = 0; i < 6; i++) {
            model.node(
                    "Concat",
                    Collections.nCopies(40, "c" + i),
                    List.of("c" + (i + 1)),
                    Models.told("axis", 0));
        }
        Path file =
                model.node("Cos", List.of("c6"), List.of("y"))
                        .output("y", DataType.FLOAT)
                        .write(file());
        OnnxBlock block = OnnxBlock.builder().setModel(file).optTrainable(own -> true).build();
        assertThat(block.trained().get("w").role()).isEqualTo(Role.CONSTANT);
        block.clear();
    }

    @Test
    void aliasesAreTiedUnlessUntied() throws Exception {
        Path file = aliased().write(file());
        OnnxBlock tied = OnnxBlock.builder().setModel(file).build();
        assertThat(tied.trained().keySet()).containsExactly("w");
        OnnxBlock untied = OnnxBlock.builder().setModel(file).optUntieAliases(true).build();
        assertThat(untied.trained().keySet()).containsExactlyInAnyOrder("w", "v");
        NDArray x = manager.create(new float[] {1, -1}, new Shape(1, 2));
        assertThat(run(untied, x, false).toFloatArray())
                .isEqualTo(run(tied, x, false).toFloatArray());
        tied.clear();
        untied.clear();
    }

    private static Models aliased() {
        return Models.opset(13)
                .input("x", DataType.FLOAT, -1, 2)
                .weights("w", new long[] {2, 2}, 1, 2, 3, 4)
                .node("Identity", List.of("w"), List.of("v"))
                .node("MatMul", List.of("x", "w"), List.of("a"))
                .node("MatMul", List.of("a", "v"), List.of("y"))
                .output("y", DataType.FLOAT);
    }

    @Test
    void untiedWeightsAreWrittenAsTensorsOfTheirOwn() throws Exception {
        Path file = aliased().write(file());
        OnnxBlock block = OnnxBlock.builder().setModel(file).optUntieAliases(true).build();
        block.getParameters().get("v").getArray().addi(1);
        NDArray x = manager.create(new float[] {1, -1}, new Shape(1, 2));
        OnnxWriter.builder().setBlock(block).addSample(new NDList(x)).build().write(file);
        OnnxBlock again = OnnxBlock.builder().setModel(file).build();
        assertThat(again.trained().keySet()).containsExactlyInAnyOrder("w", "v");
        assertThat(run(again, x, false).toFloatArray())
                .isEqualTo(run(block, x, false).toFloatArray());
        block.clear();
        again.clear();
    }

    @Test
    void dropoutDropsOnlyInTraining() throws Exception {
        Models model =
                line().node("Dropout", List.of("y"), List.of("z")).output("z", DataType.FLOAT);
        OnnxBlock block = OnnxBlock.builder().setModel(model.write(file())).build();
        NDList x = new NDList(manager.ones(new Shape(64, 2)));
        NDList calm = block.forward(new ParameterStore(manager, false), x, false);
        assertThat(calm.get(1)).isEqualTo(calm.get(0));
        NDArray noisy = block.forward(new ParameterStore(manager, false), x, true).get(1);
        assertThat(noisy.eq(0).any().getBoolean()).isTrue();
        block.clear();
    }

    @Test
    void aCastBetweenFloatingTypesKeepsTheGradient() throws Exception {
        Models model =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 2)
                        .weights("w", new long[] {2, 2}, 1, 2, 3, 4)
                        .node("MatMul", List.of("x", "w"), List.of("a"))
                        .node("Cast", List.of("a"), List.of("b"), Models.told("to", 11))
                        .node("Cast", List.of("b"), List.of("y"), Models.told("to", 1))
                        .output("y", DataType.FLOAT);
        OnnxBlock block = OnnxBlock.builder().setModel(model.write(file())).build();
        NDArray weight = block.getParameters().get("w").getArray();
        weight.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray x = manager.create(new float[] {1, 10}, new Shape(1, 2));
            collector.backward(run(block, x, true).sum());
        }
        assertThat(weight.getGradient().toFloatArray()).containsExactly(1, 1, 10, 10);
        block.clear();
    }

    /** DJL's own numbers may be gone when the collector ran between forward and backward. */
    @Test
    void theGradientDoesNotDependOnTheGarbageCollector() throws Exception {
        Models model =
                line().node("Gelu", List.of("y"), List.of("g"), Models.told("approximate", "tanh"))
                        .node("ReduceMean", List.of("g"), List.of("m"))
                        .node("Clip", List.of("m"), List.of("z"))
                        .output("z", DataType.FLOAT);
        Path file = model.write(file());
        byte[] bytes = java.nio.file.Files.readAllBytes(file);
        java.nio.file.Files.write(file, withOpset(bytes, 20));
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        float[] calm = gradient(block, false);
        for (int i = 0; i < 5; i++) {
            assertThat(gradient(block, true)).isEqualTo(calm);
        }
        block.clear();
    }

    private static byte[] withOpset(byte[] bytes, int version) throws Exception {
        var model = ai.onnx.proto.OnnxMl.ModelProto.parseFrom(bytes).toBuilder();
        model.getOpsetImportBuilder(0).setVersion(version);
        return model.build().toByteArray();
    }

    private float[] gradient(OnnxBlock block, boolean collect) {
        NDArray weight = block.getParameters().get("w").getArray();
        weight.setRequiresGradient(true);
        try (NDManager batch = manager.newSubManager();
                GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.zeroGradients();
            NDList outputs =
                    block.forward(
                            new ParameterStore(batch, false),
                            new NDList(batch.ones(new Shape(3, 2)).mul(0.01f)),
                            true);
            NDArray loss = outputs.get(1).sum();
            for (int i = 0; collect && i < 200; i++) {
                java.nio.ByteBuffer.allocateDirect(64).putDouble(Double.NaN);
            }
            if (collect) {
                System.gc();
            }
            collector.backward(loss);
        }
        return weight.getGradient().toFloatArray();
    }

    @Test
    void whatDoesNotFitIsRefusedWithWhatTheFileTakes() throws Exception {
        OnnxBlock block = OnnxBlock.builder().setModel(line().write(file())).build();
        assertThatThrownBy(() -> run(block, manager.ones(new Shape(1, 3)), false))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("x[-1, 2]")
                .hasMessageContaining("(1, 3)");
        assertThatThrownBy(() -> run(block, manager.arange(2).reshape(1, 2), false))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("float32");
        assertThatThrownBy(
                        () ->
                                block.forward(
                                        new ParameterStore(manager, false),
                                        new NDList(
                                                manager.ones(new Shape(1, 2)),
                                                manager.ones(new Shape(1, 2))),
                                        false))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("in this order");
        block.clear();
    }

    @Test
    void everyOperatorThatIsMissingIsNamed() throws Exception {
        Path file =
                line().node("Bernoulli", List.of("y"), List.of("z"))
                        .node("Unheard", List.of("z"), List.of("q"))
                        .output("q", DataType.FLOAT)
                        .write(file());
        assertThatThrownBy(() -> OnnxBlock.builder().setModel(file).build())
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("Bernoulli \"theBernoulli3\"")
                .hasMessageContaining("Unheard \"theUnheard4\"");
    }

    @Test
    void shapesFollowFromTheGraphAndParametersSurviveDjlsOwnFile() throws Exception {
        OnnxBlock block = OnnxBlock.builder().setModel(line().write(file())).build();
        assertThat(block.getOutputShapes(new Shape[] {new Shape(5, 2)}))
                .containsExactly(new Shape(5, 2));
        try (Model model = Model.newInstance("line")) {
            model.setBlock(block);
            block.getParameters().get("b").getArray().addi(1);
            model.save(folder, "line");
        }
        OnnxBlock fresh = OnnxBlock.builder().setModel(file()).build();
        try (Model model = Model.newInstance("line")) {
            model.setBlock(fresh);
            model.load(folder, "line");
            assertThat(fresh.getParameters().get("b").getArray().toFloatArray())
                    .containsExactly(11, 21);
        }
    }

    @Test
    void arraysOfABatchDoNotPileUp() throws Exception {
        OnnxBlock block = OnnxBlock.builder().setModel(line().write(file())).build();
        NDArray y = null;
        for (int i = 0; i < 20; i++) {
            try (NDManager batch = manager.newSubManager()) {
                y = run(block, batch.ones(new Shape(1 + i % 3, 2)), true);
            }
        }
        assertThat(y.isReleased()).isTrue();
        NDManager owner = block.getParameters().get("w").getArray().getManager();
        assertThat(((ai.djl.ndarray.BaseNDManager) owner).getManagedArrays()).hasSizeLessThan(8);
        block.clear();
    }
}
