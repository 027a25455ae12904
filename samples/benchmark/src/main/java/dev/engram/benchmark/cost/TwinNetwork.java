package dev.engram.benchmark.cost;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * One network twice, with the same values: of DJL's own blocks, and as an ONNX file.
 *
 * @param name for the table
 * @param block of DJL's blocks, initialised
 * @param input the shape of a batch
 * @param file the same as ONNX
 */
record TwinNetwork(String name, Block block, Shape input, Path file) {

    private static final int WIDTH = 256;
    private static final int HEADS = 4;
    private static final int LAYERS = 2;
    private static final int SEQUENCE = 64;

    static TwinNetwork perceptron(int batch, NDManager manager, Path file) throws IOException {
        Shape input = new Shape(batch, 784);
        List<Linear> layers = List.of(linear(400), linear(400), linear(10));
        SequentialBlock block = new SequentialBlock();
        layers.forEach(layer -> block.add(layer).add(Activation.reluBlock()));
        block.removeLastBlock();
        block.initialize(manager, DataType.FLOAT32, input);
        OnnxGraph graph = new OnnxGraph(input.getShape());
        String value = gemm(graph, "x", layers.get(0));
        value = gemm(graph, graph.node("Relu", value), layers.get(1));
        value = gemm(graph, graph.node("Relu", value), layers.get(2));
        return new TwinNetwork("MLP, batch " + batch, block, input, graph.write(value, file));
    }

    static TwinNetwork convolutions(int batch, NDManager manager, Path file) throws IOException {
        Shape input = new Shape(batch, 1, 28, 28);
        List<Conv2d> kernels = List.of(convolution(10), convolution(20));
        List<Linear> layers = List.of(linear(50), linear(10));
        SequentialBlock block = new SequentialBlock();
        for (Conv2d kernel : kernels) {
            block.add(kernel).add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)));
            block.add(Activation.reluBlock());
        }
        block.add(Blocks.batchFlattenBlock()).add(layers.get(0));
        block.add(Activation.reluBlock()).add(layers.get(1));
        block.initialize(manager, DataType.FLOAT32, input);
        OnnxGraph graph = new OnnxGraph(input.getShape());
        String value = "x";
        for (Conv2d kernel : kernels) {
            String made = graph.weight(kernel, "weight");
            value = graph.node("Conv", value, made, graph.weight(kernel, "bias"));
            value = graph.node("MaxPool", value);
            graph.tellAll("kernel_shape", 2, 2);
            graph.tellAll("strides", 2, 2);
            value = graph.node("Relu", value);
        }
        value = gemm(graph, graph.node("Flatten", value), layers.get(0));
        value = gemm(graph, graph.node("Relu", value), layers.get(1));
        return new TwinNetwork("CNN, batch " + batch, block, input, graph.write(value, file));
    }

    /** As BERT's layers are: attention and two products, a sum and a LayerNorm after each. */
    static TwinNetwork encoder(int batch, NDManager manager, Path file) throws IOException {
        Shape input = new Shape(batch, SEQUENCE, WIDTH);
        List<EncoderLayer> layers = List.of(new EncoderLayer(), new EncoderLayer());
        SequentialBlock block = new SequentialBlock();
        layers.forEach(layer -> layer.addTo(block));
        block.initialize(manager, DataType.FLOAT32, input);
        OnnxGraph graph = new OnnxGraph(input.getShape());
        String value = "x";
        for (EncoderLayer layer : layers) {
            value = layer.graph(graph, value);
        }
        String name = "encoder of %s layers, batch %s".formatted(LAYERS, batch);
        return new TwinNetwork(name, block, input, graph.write(value, file));
    }

    private static Linear linear(int units) {
        return Linear.builder().setUnits(units).build();
    }

    private static Conv2d convolution(int filters) {
        return Conv2d.builder().setFilters(filters).setKernelShape(new Shape(5, 5)).build();
    }

    private static String gemm(OnnxGraph graph, String from, Linear layer) {
        String weight = graph.weight(layer, "weight");
        String product = graph.node("Gemm", from, weight, graph.weight(layer, "bias"));
        graph.tell("transB", 1);
        return product;
    }

    /** One layer of the encoder, both ways. */
    private static final class EncoderLayer {

        private final ScaledDotProductAttentionBlock attention =
                ScaledDotProductAttentionBlock.builder()
                        .setEmbeddingSize(WIDTH)
                        .setHeadCount(HEADS)
                        .optAttentionProbsDropoutProb(0)
                        .build();
        private final Linear wide = linear(4 * WIDTH);
        private final Linear narrow = linear(WIDTH);
        private final LayerNorm first = LayerNorm.builder().axis(2).build();
        private final LayerNorm second = LayerNorm.builder().axis(2).build();

        void addTo(SequentialBlock block) {
            SequentialBlock products = new SequentialBlock();
            products.add(wide).add(Activation.geluBlock()).add(narrow);
            block.add(residual(attention)).add(first).add(residual(products)).add(second);
        }

        private static Block residual(Block inner) {
            return new ParallelBlock(
                    both -> new NDList(both.get(0).head().add(both.get(1).head())),
                    List.of(Blocks.identityBlock(), inner));
        }

        String graph(OnnxGraph graph, String from) {
            String query = heads(graph, project(graph, from, "02queryProjection_"), 0, 2, 1, 3);
            String key = heads(graph, project(graph, from, "01keyProjection_"), 0, 2, 3, 1);
            String value = heads(graph, project(graph, from, "03valueProjection_"), 0, 2, 1, 3);
            float scale = (float) (1 / Math.sqrt((double) WIDTH / HEADS));
            String scores = graph.node("MatMul", query, key);
            scores = graph.node("Mul", scores, graph.weight(new float[] {scale}));
            scores = graph.node("Softmax", scores);
            graph.tell("axis", -1);
            String mixed = graph.node("Transpose", graph.node("MatMul", scores, value));
            graph.tellAll("perm", 0, 2, 1, 3);
            mixed = graph.node("Reshape", mixed, graph.integers(0, 0, WIDTH));
            String attended = project(graph, mixed, "04resultProjection_");
            String even = norm(graph, graph.node("Add", from, attended), first);
            String inner = graph.node("Gelu", product(graph, even, wide, ""));
            String out = product(graph, inner, narrow, "");
            return norm(graph, graph.node("Add", even, out), second);
        }

        private String project(OnnxGraph graph, String from, String name) {
            return product(graph, from, attention, name);
        }

        /** Exporters write a product over three axes so. */
        private static String product(OnnxGraph graph, String from, Block layer, String name) {
            NDArray weight = layer.getParameters().get(name + "weight").getArray();
            String product;
            try (NDArray turned = weight.transpose()) {
                product = graph.node("MatMul", from, graph.weight(turned));
            }
            return graph.node("Add", product, graph.weight(layer, name + "bias"));
        }

        private static String heads(OnnxGraph graph, String from, long... order) {
            String shape = graph.integers(0, 0, HEADS, WIDTH / HEADS);
            String turned = graph.node("Transpose", graph.node("Reshape", from, shape));
            graph.tellAll("perm", order);
            return turned;
        }

        private static String norm(OnnxGraph graph, String from, LayerNorm norm) {
            String scale = graph.weight(norm, "gamma");
            return graph.node("LayerNormalization", from, scale, graph.weight(norm, "beta"));
        }
    }
}
