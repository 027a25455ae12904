package dev.engram.onnx.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFeatureExtractorTest {

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

    private static OnnxFeatureExtractor extractor(Path model, String... outputs) {
        OnnxFeatureExtractor.Builder builder =
                OnnxFeatureExtractor.builder().setModel(model).optThreads(1);
        for (String output : outputs) {
            builder.addOutput(output);
        }
        return builder.build();
    }

    private float[] direct(Path model, NDArray x) throws OrtException {
        try (OrtSession session = Ort.session(model);
                OnnxTensor tensor = Ort.floats(x.toFloatArray(), x.getShape().getShape())) {
            return Ort.first(session.run(Map.of("x", tensor)));
        }
    }

    @Test
    void outputsAreThoseOfOnnxRuntimeTheFirstTimeAndLater() throws OrtException {
        Path model = TwoLayers.in(folder);
        try (OnnxFeatureExtractor extractor = extractor(model)) {
            assertThat(extractor.inputNames()).containsExactly("x");
            for (int rows : new int[] {5, 5, 3, 5, 1, 3}) {
                NDArray x = manager.randomNormal(new Shape(rows, 4));
                NDArray y = extractor.extract(new NDList(x)).singletonOrThrow();
                assertThat(y.getName()).isEqualTo("y");
                assertThat(y.getShape()).isEqualTo(new Shape(rows, 3));
                assertThat(y.toFloatArray()).isEqualTo(direct(model, x));
            }
        }
    }

    @Test
    void innerValuesBecomeOutputsAndWhatTheyDoNotNeedIsLeftOut() {
        Path model = TwoLayers.in(folder);
        NDArray x = manager.randomNormal(new Shape(6, 4));
        try (OnnxFeatureExtractor extractor = extractor(model, "features", "hidden")) {
            NDList seen = extractor.extract(new NDList(x));
            assertThat(extractor.outputNames()).containsExactly("features", "hidden");
            assertThat(seen.get(0).toFloatArray()).isEqualTo(seen.get(1).maximum(0).toFloatArray());
            assertThat(seen.get(0).getShape()).isEqualTo(new Shape(6, 8));
        }
    }

    @Test
    void aClosedArrayIsAnErrorAndNotTheEndOfTheProcess() {
        NDArray x = manager.ones(new Shape(1, 4));
        x.close();
        try (OnnxFeatureExtractor extractor = extractor(TwoLayers.in(folder))) {
            assertThatThrownBy(() -> extractor.extract(new NDList(x), manager))
                    .isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    void viewsThatDoNotLieInARowAreReadRight() throws OrtException {
        Path model = TwoLayers.in(folder);
        try (OnnxFeatureExtractor extractor = extractor(model)) {
            NDArray turned = manager.randomNormal(new Shape(4, 7)).transpose();
            NDArray part = manager.randomNormal(new Shape(9, 8)).get(":, 2:6");
            for (NDArray x : List.of(turned, part)) {
                assertThat(extractor.extract(new NDList(x)).singletonOrThrow().toFloatArray())
                        .isEqualTo(direct(model, x));
            }
        }
    }

    @Test
    void outputsOutliveInputsTheExtractorAndTheCollector() throws OrtException {
        Path model = TwoLayers.in(folder);
        List<NDArray> outputs = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        try (OnnxFeatureExtractor extractor = extractor(model);
                NDManager batch = manager.newSubManager()) {
            for (int round = 0; round < 50; round++) {
                NDArray x = batch.randomNormal(new Shape(8, 4));
                outputs.add(extractor.extract(new NDList(x), manager).singletonOrThrow());
                expected.add(direct(model, x));
            }
        }
        for (int round = 0; round < 5; round++) {
            System.gc();
            manager.zeros(new Shape(1000));
        }
        for (int i = 0; i < outputs.size(); i++) {
            assertThat(outputs.get(i).toFloatArray()).isEqualTo(expected.get(i));
        }
    }

    @Test
    void widthsOfNumbersAreAdaptedAndKindsAreNot() throws OrtException {
        Path model =
                Models.opset(13)
                        .input("ids", TensorProto.DataType.INT64, -1, 2)
                        .input("scale", TensorProto.DataType.FLOAT, -1, 1, 1)
                        .weight("table", 5, 3)
                        .node("Gather", "vectors", "table", "ids")
                        .node("Mul", "y", "vectors", "scale")
                        .output("y", TensorProto.DataType.FLOAT, -1, 2, 3)
                        .write(folder.resolve("table.onnx"));
        try (OnnxFeatureExtractor extractor = extractor(model)) {
            NDArray ids = manager.create(new int[] {0, 4, 2, 2}, new Shape(2, 2));
            NDArray scale = manager.ones(new Shape(2, 1, 1), DataType.FLOAT64);
            NDArray y = extractor.extract(new NDList(ids, scale)).singletonOrThrow();
            NDArray half = scale.div(2);
            NDArray longs = ids.toType(DataType.INT64, true);
            assertThat(extractor.extract(new NDList(longs, half)).singletonOrThrow().mul(2))
                    .isEqualTo(y);
            assertThat(y.getShape()).isEqualTo(new Shape(2, 2, 3));
            NDArray wrong = ids.toType(DataType.FLOAT32, true);
            assertThatThrownBy(() -> extractor.extract(new NDList(wrong, scale)))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("ids is int64; seen: float32");
            assertThatThrownBy(() -> extractor.extract(new NDList(ids)))
                    .hasMessageContaining("takes 2 arrays [ids, scale]; seen: 1");
        }
    }

    @Test
    void shapesThatDependOnValuesAreFoundAnew() {
        Path model =
                Models.opset(13)
                        .input("x", TensorProto.DataType.FLOAT, -1)
                        .node("NonZero", "y", "x")
                        .output("y", TensorProto.DataType.INT64, 1, -1)
                        .write(folder.resolve("nonzero.onnx"));
        try (OnnxFeatureExtractor extractor = extractor(model)) {
            for (int ones = 0; ones < 4; ones++) {
                float[] x = new float[4];
                for (int i = 0; i < ones; i++) {
                    x[i] = 1;
                }
                NDArray y = extractor.extract(new NDList(manager.create(x))).singletonOrThrow();
                assertThat(y.toLongArray())
                        .isEqualTo(IntStream.range(0, ones).asLongStream().toArray());
            }
        }
    }

    @Test
    void eightThreadsAtOnceGetTheirOwn() throws Exception {
        Path model = TwoLayers.in(folder);
        try (OnnxFeatureExtractor extractor = extractor(model)) {
            NDArray x = manager.randomNormal(new Shape(16, 4));
            float[] expected = direct(model, x);
            ExecutorService threads = Executors.newFixedThreadPool(8);
            List<Future<Boolean>> right = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                right.add(threads.submit(() -> isRight(extractor, x, expected)));
            }
            for (Future<Boolean> one : right) {
                assertThat(one.get()).isTrue();
            }
            threads.shutdown();
        }
    }

    private static boolean isRight(OnnxFeatureExtractor extractor, NDArray x, float[] expected) {
        for (int round = 0; round < 200; round++) {
            try (NDManager own = NDManager.newBaseManager("PyTorch")) {
                NDArray y = extractor.extract(new NDList(x), own).singletonOrThrow();
                if (!java.util.Arrays.equals(y.toFloatArray(), expected)) {
                    return false;
                }
            }
        }
        return true;
    }

    @Test
    void whatIsUnknownOrClosedIsRefused() {
        Path model = TwoLayers.in(folder);
        assertThatThrownBy(() -> extractor(model, "feature"))
                .hasMessageContaining("computes no value feature")
                .hasMessageContaining("[features, ");
        OnnxFeatureExtractor extractor = extractor(model);
        extractor.close();
        assertThatThrownBy(() -> extractor.extract(new NDList(manager.ones(new Shape(1, 4)))))
                .hasMessageContaining("feature extractor is closed");
    }
}
