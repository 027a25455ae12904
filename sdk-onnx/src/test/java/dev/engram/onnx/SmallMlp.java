package dev.engram.onnx;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** The two layers that isolated tasks are learnt over. */
final class SmallMlp {

    private SmallMlp() {}

    /** As PyTorch exports it ({@code transB}), or with weights stored (in, out). */
    static Path of(Path folder, boolean outFirst) throws Exception {
        if (outFirst) {
            return GuardedTrainingTest.mlp(folder);
        }
        Random random = new Random(3);
        return Models.opset(13)
                .input("x", DataType.FLOAT, -1, 8)
                .weights("w1", new long[] {8, 32}, GuardedTrainingTest.noise(random, 256, 0.5f))
                .weights("b1", new long[] {32}, new float[32])
                .weights("w2", new long[] {32, 4}, GuardedTrainingTest.noise(random, 128, 0.25f))
                .weights("b2", new long[] {4}, new float[4])
                .node("MatMul", List.of("x", "w1"), List.of("p"))
                .node("Add", List.of("p", "b1"), List.of("h"))
                .node("Relu", List.of("h"), List.of("r"))
                .node("MatMul", List.of("r", "w2"), List.of("q"))
                .node("Add", List.of("q", "b2"), List.of("y"))
                .output("y", DataType.FLOAT)
                .write(folder.resolve("mlp.onnx"));
    }
}
