package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import dev.engram.djl.ForgettingListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of float16: small steps are lost in them, so the block computes in float32. */
class HalfPrecisionTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());
    private final GuardedTrainingTest.Points points = new GuardedTrainingTest.Points();

    @TempDir Path folder;

    @AfterEach
    void close() {
        manager.close();
    }

    private TensorProto halves(String name, long[] dims, float size) {
        Random random = new Random(name.hashCode());
        float[] values = new float[(int) new Shape(dims).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (size * random.nextGaussian());
        }
        try (NDArray array =
                manager.create(values).toType(ai.djl.ndarray.types.DataType.FLOAT16, true)) {
            return Models.tensor(name, DataType.FLOAT16, dims)
                    .setRawData(ByteString.copyFrom(array.toByteArray()))
                    .build();
        }
    }

    /** With a mask of float16's smallest number, and a cast to it, as exporters write them. */
    private Path file() {
        return Models.opset(13)
                .input("x", DataType.FLOAT16, -1, 8)
                .initializer(halves("w1", new long[] {8, 32}, 0.4f))
                .initializer(halves("b1", new long[] {32}, 0.1f))
                .initializer(halves("w2", new long[] {32, 4}, 0.3f))
                .weights("two", new long[] {}, 2)
                .node("MatMul", "p", "x", "w1")
                .node("Add", "h", "p", "b1")
                .node("Relu", "r", "h")
                .node("Cast", List.of("two"), List.of("half"), Models.told("to", 10))
                .node("Mul", "m", "r", "half")
                .node("MatMul", "y", "m", "w2")
                .output("y", DataType.FLOAT16, -1, 4)
                .write(folder.resolve("half.onnx"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ewc-online", "er", "si", "lora"})
    void halvesTrainAsFloatsUnderEveryStrategy(String strategy) throws Exception {
        OnnxBlock block = OnnxBlock.builder().setModel(file()).build();
        try (Model model = Tasks.model(block)) {
            if (strategy.isEmpty()) {
                points.fit(model, 0, 10);
            } else {
                try (ForgettingListener listener =
                        ForgettingListener.builder().addStrategy(strategy, Map.of()).build()) {
                    points.fit(model, 0, 10, listener);
                    points.fit(model, 1, 1, listener);
                    assertThat(listener.tasks()).hasSize(2);
                }
            }
            double learnt = strategy.isEmpty() ? points.accuracy(model, 0) : 1;
            assertThat(learnt).isGreaterThan(0.8);
            assertThat(block.getParameters().get("w1").getArray().sum().getFloat()).isFinite();
        }
    }

    @Test
    void whatWasLearntGoesBackAsHalvesThatOnnxRuntimeAgreesWith() throws Exception {
        Path file = file();
        long size = Files.size(file);
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        try (Model model = Tasks.model(block)) {
            points.fit(model, 0, 2);
            NDList sample = points.batch(manager, 0);
            OnnxWriter.builder().setBlock(block).addSample(sample).build().write(file);
            assertThat(Files.size(file)).isEqualTo(size);
            OnnxBlock again = OnnxBlock.builder().setModel(file).build();
            NDArray seen = again.getParameters().get("w1").getArray();
            NDArray trained = block.getParameters().get("w1").getArray();
            assertThat(seen.allClose(trained, 1e-3, 1e-4, false)).isTrue();
            again.clear();
        }
    }

    @Test
    void inputsMayBeHalvesOrFloats() throws Exception {
        OnnxBlock block = OnnxBlock.builder().setModel(file()).build();
        NDArray x = manager.ones(new Shape(3, 8));
        NDArray half = x.toType(ai.djl.ndarray.types.DataType.FLOAT16, true);
        ParameterStore store = new ParameterStore(manager, false);
        float[] seen = block.forward(store, new NDList(half), false).head().toFloatArray();
        assertThat(block.forward(store, new NDList(x), false).head().toFloatArray())
                .isEqualTo(seen);
        block.clear();
    }
}
