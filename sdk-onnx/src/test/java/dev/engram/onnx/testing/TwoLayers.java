package dev.engram.onnx.testing;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.onnx.Models;
import java.nio.file.Path;

/** A model that several tests use. */
public final class TwoLayers {

    private TwoLayers() {}

    /** x (n, 4) - dense (stored in, out) - relu - head (stored out, in) - y (n, 3). */
    public static Models graph() {
        return Models.opset(13)
                .input("x", DataType.FLOAT, -1, 4)
                .weight("net.dense.weight", 4, 8)
                .weight("net.dense.bias", 8)
                .weight("net.head.weight", 3, 8)
                .weight("net.head.bias", 3)
                .node("MatMul", "product", "x", "net.dense.weight")
                .node("Add", "hidden", "product", "net.dense.bias")
                .node("Relu", "features", "hidden")
                .node("Gemm", "y", "features", "net.head.weight", "net.head.bias")
                .with("transB", 1)
                .output("y", DataType.FLOAT, -1, 3);
    }

    public static Path in(Path folder) {
        return graph().write(folder.resolve("two-layers.onnx"));
    }
}
