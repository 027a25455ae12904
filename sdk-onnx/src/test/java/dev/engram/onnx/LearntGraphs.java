package dev.engram.onnx;

import static dev.engram.onnx.Models.told;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.List;
import java.util.Random;

/** Graphs that use a weight w (4, 4) in many ways: x (n, 4) in, y (n, 4) out. */
final class LearntGraphs {

    private LearntGraphs() {}

    static Models start() {
        return Models.opset(13)
                .input("x", DataType.FLOAT, -1, 4)
                .weights("w", new long[] {4, 4}, noise(16))
                .weights("b", new long[] {4}, noise(4))
                .output("y", DataType.FLOAT);
    }

    static float[] noise(int size) {
        return GuardedTrainingTest.noise(new Random(size), size, 0.5f);
    }

    static Models of(String kind) {
        return switch (kind) {
            case "gemm alpha" ->
                    start().node(
                                    "Gemm",
                                    List.of("x", "w", "b"),
                                    List.of("y"),
                                    told("transB", 1),
                                    told("alpha", 0.5f));
            case "gemm alpha, added bias" ->
                    start().node("Gemm", List.of("x", "w"), List.of("h"), told("alpha", -3f))
                            .node("Add", List.of("h", "b"), List.of("y"));
            case "gemm beta" ->
                    start().node("Gemm", List.of("x", "w", "b"), List.of("y"), told("beta", 0.5f));
            case "two products" ->
                    start().node("MatMul", List.of("x", "w"), List.of("h"))
                            .node("MatMul", List.of("h", "w"), List.of("y"));
            case "two alphas" ->
                    start().node("Gemm", List.of("x", "w"), List.of("h"), told("alpha", 2f))
                            .node("Gemm", List.of("h", "w"), List.of("y"), told("alpha", 0.1f));
            case "identity" ->
                    start().node("Identity", List.of("w"), List.of("v"))
                            .node("MatMul", List.of("x", "w"), List.of("h"))
                            .node("MatMul", List.of("h", "v"), List.of("y"));
            case "tied" ->
                    start().node("Transpose", List.of("w"), List.of("t"))
                            .node("Cast", List.of("x"), List.of("n"), told("to", 7))
                            .node("Gather", List.of("w", "n"), List.of("e"))
                            .node("ReduceMean", List.of("e"), List.of("h"), told("keepdims", 0))
                            .node("MatMul", List.of("x", "t"), List.of("p"))
                            .node("Add", List.of("p", "h"), List.of("y"));
            case "also a sum" ->
                    start().node("ReduceSum", List.of("w"), List.of("s"), told("keepdims", 0))
                            .node("MatMul", List.of("x", "w"), List.of("h"))
                            .node("Add", List.of("h", "s"), List.of("y"));
            case "also an output" ->
                    start().output("w", DataType.FLOAT)
                            .node("MatMul", List.of("x", "w"), List.of("y"));
            case "also in a branch" -> branch();
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static Models branch() {
        GraphProto inner =
                GraphProto.newBuilder()
                        .setName("inner")
                        .addNode(
                                NodeProto.newBuilder()
                                        .setName("hidden")
                                        .setOpType("MatMul")
                                        .addInput("x")
                                        .addInput("w")
                                        .addOutput("i"))
                        .addOutput(Models.value("i", DataType.FLOAT, -1, 4))
                        .build();
        TensorProto yes = Models.tensor("yes", DataType.BOOL).addInt32Data(1).build();
        return start().initializer(yes)
                .node(
                        "If",
                        List.of("yes"),
                        List.of("h"),
                        told("then_branch", inner),
                        told("else_branch", inner))
                .node("MatMul", List.of("h", "w"), List.of("y"));
    }
}
