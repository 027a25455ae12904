package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import dev.engram.kit.autograd.Scaled;
import dev.engram.onnx.internal.training.Difference;
import dev.engram.onnx.internal.write.OrtRun;
import dev.engram.onnx.testing.SharedData;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of real models and of both PyTorch exporters, against ONNX Runtime. */
class RealModelsTest {

    static Stream<String> models() {
        return Stream.concat(
                Stream.of("cnn_mnist.onnx", "tinybert.onnx"),
                Stream.of("mlp", "resnet", "bert", "gpt2", "llama", "vit")
                        .flatMap(
                                name ->
                                        Stream.of(
                                                "exports/" + name + "-eager-dyn.onnx",
                                                "exports/" + name + "-eager-ts.onnx")));
    }

    private static Path file(String name) {
        Path file = SharedData.onnx(name);
        return file;
    }

    @ParameterizedTest
    @MethodSource("models")
    void forwardAgreesWithOnnxRuntime(String name) throws Exception {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                OrtRun runtime = new OrtRun(file(name))) {
            OnnxBlock block = OnnxBlock.builder().setModel(file(name)).build();
            for (int round = 0; round < 3; round++) {
                NDList inputs = new RandomInputs(round).of(block.inputs(), manager);
                NDList outputs = block.forward(new ParameterStore(manager, false), inputs, false);
                List<double[]> expected = runtime.run(block.inputs(), inputs, block.outputs());
                for (int i = 0; i < expected.size(); i++) {
                    assertThat(Difference.relative(outputs.get(i), expected.get(i)))
                            .isLessThan(1e-5);
                }
            }
            block.clear();
        }
    }

    /** Each trained initialiser gets a gradient that is finite, and most are not zero. */
    @ParameterizedTest
    @MethodSource("models")
    void everyParameterGetsAGradient(String name) throws Exception {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            OnnxBlock block = OnnxBlock.builder().setModel(file(name)).build();
            NDList inputs = new RandomInputs(7).of(block.inputs(), manager);
            block.getDirectParameters()
                    .forEach(p -> p.getValue().getArray().setRequiresGradient(true));
            try (GradientCollector collector =
                    ai.djl.engine.Engine.getInstance().newGradientCollector()) {
                NDArray out =
                        block.forward(new ParameterStore(manager, false), inputs, true).head();
                collector.backward(Scaled.by(0.5, out.square()).sum());
            }
            long moved = 0;
            for (var parameter : block.getDirectParameters()) {
                NDArray gradient = parameter.getValue().getArray().getGradient();
                assertThat(gradient.isNaN().any().getBoolean()).as(parameter.getKey()).isFalse();
                moved += gradient.abs().sum().getFloat() > 0 ? 1 : 0;
            }
            assertThat(moved).as(block.toString()).isGreaterThan(block.trained().size() * 2L / 3);
            block.clear();
        }
    }
}
