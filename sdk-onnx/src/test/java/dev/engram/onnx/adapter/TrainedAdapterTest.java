package dev.engram.onnx.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.onnx.Models;
import dev.engram.onnx.testing.Ort;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** LoRA trained in DJL over weights stored either way, exported, and served by ONNX Runtime. */
class TrainedAdapterTest {

    private static final double SCALE = 2;

    @TempDir Path folder;

    private NDArray adapted(NDArray x, NDArray w, List<NDArray> pair, boolean outFirst) {
        NDArray change = pair.get(0).matMul(pair.get(1));
        NDArray weight = change.add(change).add(w);
        return x.matMul(outFirst ? weight.transpose() : weight);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onnxRuntimeGivesWhatDjlTrained(boolean outFirst) throws OrtException {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            Shape shape = outFirst ? new Shape(3, 6) : new Shape(6, 3);
            NDArray w = manager.randomNormal(shape);
            NDArray left = manager.zeros(new Shape(shape.get(0), 2));
            NDArray right = manager.randomNormal(new Shape(2, shape.get(1)));
            NDArray x = manager.randomNormal(new Shape(20, 6));
            train(x, w, List.of(left, right), outFirst, manager);
            AdapterSlots slots = slots(w, outFirst);
            OnnxAdapter adapter =
                    OnnxAdapter.builder(slots)
                            .addUpdate("w", FloatMatrix.of(left), FloatMatrix.of(right), SCALE)
                            .build();
            Path file = folder.resolve("task.onnx_adapter");
            OnnxAdapterFile.write(adapter, file);
            float[] expected = adapted(x, w, List.of(left, right), outFirst).toFloatArray();
            try (OrtSession session = Ort.session(folder.resolve("prepared.onnx"));
                    OnnxTensor input = Ort.floats(x.toFloatArray(), 20, 6)) {
                assertThat(Ort.run(session, Map.of("x", input), OnnxAdapterFile.read(file)))
                        .usingComparatorWithPrecision(1e-5f)
                        .containsExactly(expected);
            }
        }
    }

    private void train(
            NDArray x, NDArray w, List<NDArray> pair, boolean outFirst, NDManager manager) {
        NDArray target = manager.randomNormal(new Shape(20, 3));
        pair.forEach(array -> array.setRequiresGradient(true));
        float first = 0;
        float last = 0;
        for (int step = 0; step < 60; step++) {
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                NDArray loss = adapted(x, w, pair, outFirst).sub(target).square().mean();
                collector.backward(loss);
                last = loss.getFloat();
                first = step == 0 ? last : first;
            }
            pair.forEach(array -> array.subi(array.getGradient().mul(0.02f)));
            pair.forEach(array -> array.getGradient().muli(0));
        }
        pair.forEach(array -> array.setRequiresGradient(false));
        assertThat(last).isLessThan(first);
    }

    private AdapterSlots slots(NDArray w, boolean outFirst) {
        Models graph =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 6)
                        .weights("w", w.getShape().getShape(), w.toFloatArray());
        if (outFirst) {
            graph.node("Gemm", "y", "x", "w").with("transB", 1);
        } else {
            graph.node("MatMul", "y", "x", "w");
        }
        Path model = graph.output("y", DataType.FLOAT, -1, 3).write(folder.resolve("model.onnx"));
        return AdapterSlots.add(model, LayerSelection.all(), folder.resolve("prepared.onnx"));
    }

    @Test
    void matricesAreCopiedFromArrays() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray array = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
            FloatMatrix matrix = FloatMatrix.of(array.transpose());
            assertThat(matrix).isEqualTo(FloatMatrix.of(3, 2, 1, 4, 2, 5, 3, 6));
        }
    }
}
