package dev.engram.onnx.runtime;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.onnx.testing.Ort;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints what the way from DJL to ONNX Runtime and back costs, beside ONNX Runtime alone; asserts
 * nothing. Run with the path of a model of one float input, whose open dimension is the batch.
 */
public final class FeatureExtractionCost {

    private static final int TURNS = 40;
    private static final int RUNS = 50;

    private FeatureExtractionCost() {}

    public static void main(String[] args) throws OrtException {
        Path model = Path.of(args[0]);
        try (NDManager manager = NDManager.newBaseManager("PyTorch");
                OnnxFeatureExtractor extractor =
                        OnnxFeatureExtractor.builder().setModel(model).optThreads(1).build();
                OrtSession session = Ort.session(model)) {
            for (int rows : new int[] {1, 32}) {
                Shape shape = new Shape(rows, 1, 28, 28);
                NDArray x = manager.randomNormal(shape);
                try (OnnxTensor tensor = Ort.floats(x.toFloatArray(), shape.getShape())) {
                    Map<String, OnnxTensor> inputs = Map.of(extractor.inputNames().get(0), tensor);
                    Map<String, Step> ways = new LinkedHashMap<>();
                    ways.put("ONNX Runtime alone", () -> session.run(inputs).close());
                    ways.put("extractor", () -> extract(extractor, x, manager));
                    ways.put("through Java arrays", () -> copied(session, x, inputs, manager));
                    print(rows, ways);
                }
            }
        }
    }

    private static void extract(OnnxFeatureExtractor extractor, NDArray x, NDManager manager) {
        try (NDManager scope = manager.newSubManager()) {
            extractor.extract(new NDList(x), scope);
        }
    }

    private static void copied(
            OrtSession session, NDArray x, Map<String, OnnxTensor> like, NDManager manager)
            throws OrtException {
        try (NDManager scope = manager.newSubManager();
                OnnxTensor tensor = Ort.floats(x.toFloatArray(), x.getShape().getShape())) {
            float[] seen = Ort.first(session.run(Map.of(like.keySet().iterator().next(), tensor)));
            scope.create(seen);
        }
    }

    private static void print(int rows, Map<String, Step> ways) throws OrtException {
        Map<String, List<Double>> times = new LinkedHashMap<>();
        for (int turn = 0; turn < TURNS; turn++) {
            for (Map.Entry<String, Step> way : ways.entrySet()) {
                long begin = System.nanoTime();
                for (int i = 0; i < RUNS; i++) {
                    way.getValue().run();
                }
                times.computeIfAbsent(way.getKey(), name -> new ArrayList<>())
                        .add((System.nanoTime() - begin) / 1e3 / RUNS);
            }
        }
        System.out.printf("%n%d rows, 1 thread%n", rows);
        times.forEach(
                (name, all) -> {
                    double[] sorted = all.stream().skip(10).mapToDouble(v -> v).sorted().toArray();
                    System.out.printf("  %-22s %8.1f us%n", name, sorted[sorted.length / 2]);
                });
    }

    private interface Step {

        void run() throws OrtException;
    }
}
