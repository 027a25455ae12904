package dev.engram.onnx.testing;

import java.nio.file.Path;

/** Models that several tests use. */
public final class Models {

    private Models() {}

    /** x (n, 4) - dense (stored in, out) - relu - head (stored out, in) - y (n, 3). */
    public static Graph twoLayers() {
        return new Graph(1)
                .input("x", Graph.FLOAT, -1, 4)
                .weight("net.dense.weight", 4, 8)
                .weight("net.dense.bias", 8)
                .weight("net.head.weight", 3, 8)
                .weight("net.head.bias", 3)
                .node("MatMul", "product", "x", "net.dense.weight")
                .node("Add", "hidden", "product", "net.dense.bias")
                .node("Relu", "features", "hidden")
                .node("Gemm", "y", "features", "net.head.weight", "net.head.bias")
                .with("transB", 1)
                .output("y", Graph.FLOAT, -1, 3);
    }

    public static Path twoLayers(Path folder) {
        return twoLayers().write(folder.resolve("two-layers.onnx"));
    }
}
