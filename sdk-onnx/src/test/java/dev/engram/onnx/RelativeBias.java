package dev.engram.onnx;

import static dev.engram.onnx.Models.told;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.List;
import java.util.Random;

/**
 * A layer in the manner of T5, built as PyTorch's exporter writes it: attention without a scale and
 * with a bias for each bucket of distances, norms without a mean, and one table that is both the
 * embedding and the head.
 */
public final class RelativeBias {

    private static final int WIDTH = 8;
    private static final int HEADS = 2;
    private static final int WORDS = 11;
    private static final int BUCKETS = 8;

    private final Random random = new Random(3);
    private final Models models = Models.opset(17).input("ids", DataType.INT64, -1, -1);

    private RelativeBias() {}

    /** Token numbers below 11 in, logits out. */
    public static Models model() {
        RelativeBias layer = new RelativeBias();
        layer.constants();
        layer.buckets();
        layer.attention();
        layer.head();
        return layer.models.output("logits", DataType.FLOAT);
    }

    private void constants() {
        weight("table", WORDS, WIDTH);
        weight("bias", BUCKETS, HEADS);
        weight("norm", WIDTH);
        weight("norm2", WIDTH);
        List.of("q", "k", "v", "o").forEach(name -> weight(name, WIDTH, WIDTH));
        for (long number : new long[] {0, 1, 2, 3, 4}) {
            models.initializer(
                    Models.tensor("i" + number, DataType.INT64).addInt64Data(number).build());
        }
        models.integers("first", 0).integers("axis1", 1);
        models.integers("split", 0, 0, HEADS, WIDTH / HEADS).integers("merge", 0, 0, WIDTH);
        number("two", 2).number("log8", (float) Math.log(8)).number("epsilon", 1e-6f);
    }

    private void weight(String name, long... dims) {
        float[] values = new float[(int) (dims[0] * (dims.length > 1 ? dims[1] : 1))];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() / 2;
        }
        models.weights(name, dims, values);
    }

    private RelativeBias number(String name, float value) {
        models.weights(name, new long[] {}, value);
        return this;
    }

    /** Half of the buckets are for what comes later; the far ones grow by the logarithm. */
    private void buckets() {
        models.node("Shape", List.of("ids"), List.of("shape"))
                .node("Gather", List.of("shape", "i1"), List.of("length"))
                .node("Range", List.of("i0", "length", "i1"), List.of("places"))
                .node("Unsqueeze", List.of("places", "first"), List.of("keys"))
                .node("Unsqueeze", List.of("places", "axis1"), List.of("queries"))
                .node("Sub", List.of("keys", "queries"), List.of("distance"))
                .node("Greater", List.of("distance", "i0"), List.of("later"))
                .node("Cast", List.of("later"), List.of("side"), told("to", 7))
                .node("Mul", List.of("side", "i4"), List.of("offset"))
                .node("Abs", List.of("distance"), List.of("far"))
                .node("Less", List.of("far", "i2"), List.of("near"))
                .node("Cast", List.of("far"), List.of("number"), told("to", 1))
                .node("Div", List.of("number", "two"), List.of("ratio"))
                .node("Log", List.of("ratio"), List.of("log"))
                .node("Div", List.of("log", "log8"), List.of("part"))
                .node("Mul", List.of("part", "two"), List.of("steps"))
                .node("Cast", List.of("steps"), List.of("whole"), told("to", 7))
                .node("Add", List.of("whole", "i2"), List.of("large"))
                .node("Min", List.of("large", "i3"), List.of("bounded"))
                .node("Where", List.of("near", "far", "bounded"), List.of("own"))
                .node("Add", List.of("offset", "own"), List.of("bucket"))
                .node("Gather", List.of("bias", "bucket"), List.of("biases"))
                .node(
                        "Transpose",
                        List.of("biases"),
                        List.of("byHead"),
                        told("perm", new long[] {2, 0, 1}))
                .node("Unsqueeze", List.of("byHead", "first"), List.of("added"));
    }

    private void attention() {
        models.node("Gather", List.of("table", "ids"), List.of("x"));
        normal("x", "norm");
        heads("q", 0, 2, 1, 3);
        heads("k", 0, 2, 3, 1);
        heads("v", 0, 2, 1, 3);
        models.node("MatMul", List.of("q4", "k4"), List.of("products"))
                .node("Add", List.of("products", "added"), List.of("scores"))
                .node("Softmax", List.of("scores"), List.of("shares"), told("axis", -1))
                .node("MatMul", List.of("shares", "v4"), List.of("mixed"))
                .node(
                        "Transpose",
                        List.of("mixed"),
                        List.of("rows"),
                        told("perm", new long[] {0, 2, 1, 3}))
                .node("Reshape", List.of("rows", "merge"), List.of("merged"))
                .node("MatMul", List.of("merged", "o"), List.of("out"))
                .node("Add", List.of("x", "out"), List.of("y"));
        normal("y", "norm2");
    }

    private void heads(String name, long... order) {
        models.node("MatMul", List.of("xnorm", name), List.of(name + "2"))
                .node("Reshape", List.of(name + "2", "split"), List.of(name + "3"))
                .node("Transpose", List.of(name + "3"), List.of(name + "4"), told("perm", order));
    }

    private void normal(String x, String scale) {
        models.node("Pow", List.of(x, "two"), List.of(x + "square"))
                .node(
                        "ReduceMean",
                        List.of(x + "square"),
                        List.of(x + "mean"),
                        told("axes", new long[] {-1}))
                .node("Add", List.of(x + "mean", "epsilon"), List.of(x + "safe"))
                .node("Sqrt", List.of(x + "safe"), List.of(x + "root"))
                .node("Div", List.of(x, "%sroot".formatted(x)), List.of(x + "even"))
                .node("Mul", List.of(scale, x + "even"), List.of(x + "norm"));
    }

    private void head() {
        models.node("Transpose", List.of("table"), List.of("turned"))
                .node("MatMul", List.of("ynorm", "turned"), List.of("logits"));
    }
}
