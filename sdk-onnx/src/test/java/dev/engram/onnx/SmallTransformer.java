package dev.engram.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * A transformer of one layer over tokens, norms first: its features come out, and classes of the
 * first position if it pools.
 */
final class SmallTransformer {

    static final int TOKENS = 40;
    static final int WIDTH = 8;
    static final int MOST = 16;
    static final int CLASSES = 2;

    private final Models models = Models.opset(17);
    private final Random random = new Random(5);

    private SmallTransformer() {}

    /** Numbers of positions follow from the length of the tokens. */
    static Path pooling(Path file) throws Exception {
        return new SmallTransformer().ids().counted().layer().pooled().models.write(file);
    }

    /** Numbers of positions and types of tokens are inputs; nothing is pooled. */
    static Path withPositions(Path file) throws Exception {
        return new SmallTransformer().ids().given().layer().models.write(file);
    }

    /** Attention and feed-forward read the same, and are added to each other first. */
    static Path parallel(Path file) throws Exception {
        SmallTransformer small = new SmallTransformer().ids().counted();
        small.attention();
        small.feedForward("n1");
        small.models
                .node("Add", List.of("o", "f2"), List.of("both"))
                .node("Add", List.of("both", "x"), List.of("features"))
                .output("features", DataType.FLOAT);
        return small.models.write(file);
    }

    private SmallTransformer ids() {
        models.input("input_ids", DataType.INT64, -1, -1)
                .input("attention_mask", DataType.INT64, -1, -1);
        weights("words", 1, TOKENS, WIDTH);
        weights("places", 0.3f, MOST, WIDTH);
        models.node("Gather", List.of("words", "input_ids"), List.of("e"));
        return this;
    }

    private SmallTransformer counted() {
        models.initializer(number("zero", 0)).initializer(number("one", 1));
        models.node("Shape", List.of("input_ids"), List.of("shape"))
                .node("Gather", List.of("shape", "one"), List.of("length"))
                .node("Range", List.of("zero", "length", "one"), List.of("r"))
                .node("Gather", List.of("places", "r"), List.of("p"))
                .node("Add", List.of("e", "p"), List.of("x"));
        return this;
    }

    private SmallTransformer given() {
        models.input("position_ids", DataType.INT64, -1, -1)
                .input("token_type_ids", DataType.INT64, -1, -1);
        weights("types", 1, 2, WIDTH);
        models.node("Gather", List.of("places", "position_ids"), List.of("p"))
                .node("Gather", List.of("types", "token_type_ids"), List.of("t"))
                .node("Add", List.of("e", "p"), List.of("ep"))
                .node("Add", List.of("ep", "t"), List.of("x"));
        return this;
    }

    private SmallTransformer layer() {
        attention();
        models.node("Add", List.of("x", "o"), List.of("x1"));
        norm("x1", "n2");
        feedForward("n2");
        models.node("Add", List.of("x1", "f2"), List.of("features"))
                .output("features", DataType.FLOAT);
        return this;
    }

    private void feedForward(String input) {
        product(input, "w1", 4 * WIDTH, "f1");
        models.node("Relu", List.of("f1"), List.of("r1"));
        weights("w2", 0.3f, 4L * WIDTH, WIDTH);
        models.node("MatMul", List.of("r1", "w2"), List.of("f2"));
    }

    private void attention() {
        norm("x", "n1");
        product("n1", "q", WIDTH, "query");
        product("n1", "k", WIDTH, "key");
        product("n1", "v", WIDTH, "value");
        models.numbers("ones", new long[] {1}, 1)
                .numbers("hide", new long[] {1}, -1e4f)
                .integers("axis", 1)
                .node("Cast", List.of("attention_mask"), List.of("m"), Models.told("to", 1))
                .node("Unsqueeze", List.of("m", "axis"), List.of("m1"))
                .node("Sub", List.of("ones", "m1"), List.of("m2"))
                .node("Mul", List.of("m2", "hide"), List.of("m3"))
                .node(
                        "Transpose",
                        List.of("key"),
                        List.of("kt"),
                        Models.told("perm", new long[] {0, 2, 1}))
                .node("MatMul", List.of("query", "kt"), List.of("s"))
                .node("Add", List.of("s", "m3"), List.of("s1"))
                .node("Softmax", List.of("s1"), List.of("a"), Models.told("axis", -1))
                .node("MatMul", List.of("a", "value"), List.of("c"));
        product("c", "out", WIDTH, "o");
    }

    private SmallTransformer pooled() {
        weights("head", 1, CLASSES, WIDTH);
        models.node("Gather", List.of("features", "zero"), List.of("first"), Models.told("axis", 1))
                .node("Gemm", List.of("first", "head"), List.of("y"), Models.told("transB", 1))
                .output("y", DataType.FLOAT);
        return this;
    }

    private void product(String input, String weight, int width, String output) {
        // Queries are small, so that attention looks at many tokens.
        weights(weight, weight.equals("q") ? 0.05f : 0.4f, WIDTH, width);
        models.weights(weight + ".bias", new long[] {width}, noise(width, 0.1f))
                .node("MatMul", List.of(input, weight), List.of(output + "_p"))
                .node("Add", List.of(weight + ".bias", output + "_p"), List.of(output));
    }

    private void norm(String input, String output) {
        float[] ones = new float[WIDTH];
        java.util.Arrays.fill(ones, 1);
        models.weights(output + "_scale", new long[] {WIDTH}, ones)
                .weights(output + "_bias", new long[] {WIDTH}, new float[WIDTH])
                .node(
                        "LayerNormalization",
                        List.of(input, output + "_scale", output + "_bias"),
                        List.of(output));
    }

    private void weights(String name, float size, long... dims) {
        models.weights(name, dims, noise((int) (dims[0] * dims[1]), size));
    }

    private float[] noise(int count, float size) {
        return GuardedTrainingTest.noise(random, count, size);
    }

    private static TensorProto number(String name, long value) {
        return Models.tensor(name, DataType.INT64).addInt64Data(value).build();
    }
}
