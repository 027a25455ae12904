package dev.engram.onnx.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.api.EngramException;
import dev.engram.onnx.Models;
import dev.engram.onnx.testing.Ort;
import dev.engram.onnx.testing.TwoLayers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inputs that an extractor cuts into batches. */
class CutBatchesTest {

    @TempDir Path folder;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private float[] direct(Path model, NDArray x) throws OrtException {
        try (OrtSession session = Ort.session(model);
                OnnxTensor tensor = Ort.floats(x.toFloatArray(), x.getShape().getShape())) {
            return Ort.first(session.run(Map.of("x", tensor)));
        }
    }

    @Test
    void batchesAreJoined() throws OrtException {
        Path model = TwoLayers.in(folder);
        try (OnnxFeatureExtractor extractor =
                OnnxFeatureExtractor.builder().setModel(model).optBatchSize(4).build()) {
            for (int rows : new int[] {10, 10, 4, 3, 12}) {
                NDArray x = manager.randomNormal(new Shape(rows, 4));
                NDArray y = extractor.extract(new NDList(x)).singletonOrThrow();
                assertThat(y.toFloatArray())
                        .usingComparatorWithPrecision(1e-5f)
                        .containsExactly(direct(model, x));
            }
        }
    }

    private Path sized(long rows) {
        return Models.opset(13)
                .input("x", TensorProto.DataType.FLOAT, rows, 4)
                .weight("w", 4, 3)
                .node("MatMul", "p", "x", "w")
                .node("Tanh", "y", "p")
                .output("y", TensorProto.DataType.FLOAT, rows, 3)
                .write(folder.resolve(rows + ".onnx"));
    }

    @Test
    void aFileOfOneBatchSizeIsRunOnBatchesOfThatSize() throws OrtException {
        Path open = sized(-1);
        try (OnnxFeatureExtractor extractor =
                OnnxFeatureExtractor.builder().setModel(sized(4)).build()) {
            for (int rows : new int[] {10, 4, 12, 5, 10}) {
                NDArray x = manager.randomNormal(new Shape(rows, 4));
                assertThat(extractor.extract(new NDList(x)).head().toFloatArray())
                        .usingComparatorWithPrecision(1e-5f)
                        .containsExactly(direct(open, x));
            }
            assertThatThrownBy(() -> extractor.extract(new NDList(manager.ones(new Shape(3, 4)))))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("exported for 4 rows at once, and got 3");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aModelThatMixesRowsIsNotCut(int batch) {
        Path model =
                Models.opset(13)
                        .input("x", TensorProto.DataType.FLOAT, -1, 4)
                        .node("ReduceMean", "mean", "x")
                        .with("keepdims", 0)
                        .node("Sub", "y", "x", "mean")
                        .output("y", TensorProto.DataType.FLOAT, -1, 4)
                        .write(folder.resolve("mixing.onnx"));
        NDArray x = manager.randomNormal(new Shape(7, 4));
        try (OnnxFeatureExtractor extractor =
                OnnxFeatureExtractor.builder().setModel(model).optBatchSize(batch).build()) {
            assertThat(extractor.extract(new NDList(x.get("0:1"))).head().size(0)).isEqualTo(1);
            assertThatThrownBy(() -> extractor.extract(new NDList(x)))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("output y of a row is another")
                    .hasMessageContaining("leave out optBatchSize");
        }
    }
}
