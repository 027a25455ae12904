package dev.engram.onnx.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.onnx.testing.Ort;
import dev.engram.onnx.testing.SharedData;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RealModelFeaturesTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tinybert.onnx",
                "cnn_mnist.onnx",
                "exports/bert-eager-ts.onnx",
                "exports/llama-eager-dyn.onnx",
                "exports/vit-eager-ts.onnx"
            })
    void realModelsGiveTheSameAsOnnxRuntime(String name) throws OrtException {
        Path model = SharedData.onnx(name);
        try (OnnxFeatureExtractor extractor =
                        OnnxFeatureExtractor.builder().setModel(model).optThreads(1).build();
                OrtSession session = Ort.session(model)) {
            Map<String, OnnxTensor> inputs = Ort.inputs(session, 3);
            NDList arrays = new NDList();
            for (String input : extractor.inputNames()) {
                arrays.add(Arrays.of(manager, inputs.get(input)));
            }
            for (int round = 0; round < 3; round++) {
                assertThat(extractor.extract(arrays).get(0).toFloatArray())
                        .isEqualTo(Ort.run(session, inputs, null));
            }
        }
    }

    /** Inputs of ONNX Runtime as arrays. */
    private static final class Arrays {

        static NDArray of(NDManager manager, OnnxTensor tensor) {
            Shape shape = new Shape(tensor.getInfo().getShape());
            if (tensor.getFloatBuffer() != null) {
                float[] values = new float[(int) shape.size()];
                tensor.getFloatBuffer().get(values);
                return manager.create(values, shape);
            }
            long[] values = new long[(int) shape.size()];
            tensor.getLongBuffer().get(values);
            return manager.create(values, shape);
        }
    }
}
