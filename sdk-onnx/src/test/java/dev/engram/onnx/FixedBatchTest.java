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
import dev.engram.djl.ForgettingListener;
import dev.engram.onnx.graph.OnnxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that were exported for batches of one size. */
class FixedBatchTest {

    private static final int FEATURES = 8;
    private static final int CLASSES = 4;

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @TempDir Path folder;

    @AfterEach
    void close() {
        manager.close();
    }

    private static Models mlp(long batch) {
        return Models.opset(13)
                .input("x", DataType.FLOAT, batch, FEATURES)
                .weight("w1", FEATURES, 16)
                .weight("b1", 16)
                .weight("w2", 16, CLASSES)
                .node("MatMul", "p", "x", "w1")
                .node("Add", "h", "p", "b1")
                .node("Relu", "r", "h")
                .node("MatMul", "y", "r", "w2")
                .output("y", DataType.FLOAT);
    }

    private OnnxBlock block(Models model) throws Exception {
        return OnnxBlock.builder().setModel(model.write(folder.resolve("fixed.onnx"))).build();
    }

    private NDArray run(OnnxBlock block, NDArray x) {
        return block.forward(new ParameterStore(manager, false), new NDList(x), false).head();
    }

    private NDArray input(long samples) {
        Engine.getInstance().setRandomSeed(5);
        return manager.randomNormal(new Shape(samples, FEATURES));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 4})
    void batchesOfAnySizeGiveWhatAnOpenFileGives(long fixed) throws Exception {
        OnnxBlock block = block(mlp(fixed));
        OnnxBlock open =
                OnnxBlock.builder().setModel(mlp(-1).write(folder.resolve("open.onnx"))).build();
        for (long samples : new long[] {1, 3, 4, 10}) {
            NDArray x = input(samples);
            NDArray y = run(block, x);
            assertThat(y.getName()).isEqualTo("y");
            assertThat(y.allClose(run(open, x), 1e-5, 1e-6, false)).isTrue();
            assertThat(gradient(block, x).allClose(gradient(open, x), 1e-4, 1e-5, false)).isTrue();
        }
        assertThat(block.getOutputShapes(new Shape[] {new Shape(7, FEATURES)}))
                .containsExactly(new Shape(7, CLASSES));
        block.clear();
        open.clear();
    }

    private NDArray gradient(OnnxBlock block, NDArray x) {
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDList y = block.forward(new ParameterStore(manager, false), new NDList(x), true);
            collector.backward(y.head().square().sum());
            return block.getParameters().get("w1").getArray().getGradient().duplicate();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ewc-online", "ewc", "si", "er", "a-gem", "lora", "adapters"})
    void everyStrategyTrainsOnBatchesOfTheUsersSize(String strategy) throws Exception {
        try (Model model = Model.newInstance("fixed", Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy(strategy, settings(strategy))
                                .build()) {
            model.setBlock(block(mlp(4)));
            GuardedTrainingTest.Points points = new GuardedTrainingTest.Points();
            points.fit(model, 0, 1, listener);
            points.fit(model, 1, 1, listener);
            assertThat(listener.tasks()).hasSize(2);
        }
    }

    private static Map<String, ?> settings(String strategy) {
        return strategy.equals("adapters") ? Map.of("after", "p_node") : Map.of();
    }

    @Test
    void theWrittenFileIsCheckedOnSamplesOfAnySize() throws Exception {
        OnnxBlock block = block(mlp(4));
        block.getParameters().get("b1").getArray().addi(1);
        Path written = folder.resolve("written.onnx");
        OnnxWriter.builder().setBlock(block).addSample(new NDList(input(6))).build().write(written);
        assertThat(Files.mismatch(written, block.file())).isPositive();
        block.clear();
    }

    @Test
    void whatBelongsToTheWholeBatchStaysWhole() throws Exception {
        Models model =
                Models.opset(13)
                        .input("x", DataType.FLOAT, 1, 3)
                        .input("scale", DataType.FLOAT, 1, 1)
                        .input("shift", DataType.FLOAT)
                        .weight("w", 3, 2)
                        .node("MatMul", "p", "x", "w")
                        .node("Mul", "m", "p", "scale")
                        .node("Add", "y", "m", "shift")
                        .output("y", DataType.FLOAT);
        OnnxBlock block = block(model);
        NDArray x = manager.ones(new Shape(5, 3));
        NDList given =
                new NDList(x, manager.ones(new Shape(1, 1)).mul(2), manager.ones(new Shape()));
        NDArray y = block.forward(new ParameterStore(manager, false), given, false).head();
        assertThat(y.getShape()).isEqualTo(new Shape(5, 2));
        block.clear();
    }

    @Test
    void samplesThatSeeEachOtherAreNotFilledUpWithOthers() throws Exception {
        Models model =
                Models.opset(13)
                        .input("x", DataType.FLOAT, 4, 3)
                        .weight("w", 3, 2)
                        .node("MatMul", "p", "x", "w")
                        .node("Softmax", List.of("p"), List.of("y"), Models.told("axis", 0))
                        .output("y", DataType.FLOAT);
        OnnxBlock block = block(model);
        assertThatThrownBy(() -> run(block, manager.randomNormal(new Shape(6, 3))))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("4 samples")
                .hasMessageContaining("depends on the others");
        block.clear();
    }

    @Test
    void outputsWithoutAnAxisForSamplesAreRefused() throws Exception {
        Models model =
                Models.opset(13)
                        .input("x", DataType.FLOAT, 4, 3)
                        .weight("w", 3, 2)
                        .node("MatMul", "p", "x", "w")
                        .node("ReduceMean", List.of("p"), List.of("y"), Models.told("keepdims", 0))
                        .output("y", DataType.FLOAT);
        OnnxBlock block = block(model);
        assertThatThrownBy(() -> run(block, manager.randomNormal(new Shape(6, 3))))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("cannot be joined")
                .hasMessageContaining("train on batches of 4");
        block.clear();
    }
}
