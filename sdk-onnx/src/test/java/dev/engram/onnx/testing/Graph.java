package dev.engram.onnx.testing;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** Builds small models. A dimension of -1 is the batch. */
public final class Graph {

    public static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;
    public static final int INT64 = TensorProto.DataType.INT64_VALUE;

    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
    private final Random random;

    public Graph(long seed) {
        this.random = new Random(seed);
    }

    public Graph input(String name, int type, long... dims) {
        graph.addInput(value(name, type, dims));
        return this;
    }

    public Graph output(String name, int type, long... dims) {
        graph.addOutput(value(name, type, dims));
        return this;
    }

    /** Adds a weight of normal values. */
    public Graph weight(String name, long... dims) {
        int size = 1;
        for (long dim : dims) {
            size *= (int) dim;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return weight(name, values, dims);
    }

    public Graph weight(String name, float[] values, long... dims) {
        ByteBuffer raw =
                ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        TensorProto.Builder tensor =
                TensorProto.newBuilder()
                        .setName(name)
                        .setDataType(FLOAT)
                        .setRawData(ByteString.copyFrom(raw));
        for (long dim : dims) {
            tensor.addDims(dim);
        }
        graph.addInitializer(tensor);
        return this;
    }

    public Graph node(String operator, String output, String... inputs) {
        graph.addNode(
                NodeProto.newBuilder()
                        .setName(output + "_node")
                        .setOpType(operator)
                        .addOutput(output)
                        .addAllInput(List.of(inputs)));
        return this;
    }

    /** Sets an attribute of the last node. */
    public Graph with(String name, long number) {
        graph.getNodeBuilder(graph.getNodeCount() - 1)
                .addAttribute(
                        AttributeProto.newBuilder()
                                .setName(name)
                                .setType(AttributeProto.AttributeType.INT)
                                .setI(number));
        return this;
    }

    /** Sets an attribute of the last node. */
    public Graph with(String name, float number) {
        graph.getNodeBuilder(graph.getNodeCount() - 1)
                .addAttribute(
                        AttributeProto.newBuilder()
                                .setName(name)
                                .setType(AttributeProto.AttributeType.FLOAT)
                                .setF(number));
        return this;
    }

    public ModelProto.Builder model() {
        ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8).setGraph(graph);
        model.addOpsetImportBuilder().setDomain("").setVersion(13);
        return model;
    }

    public Path write(Path file) {
        return write(model().build(), file);
    }

    public static Path write(ModelProto model, Path file) {
        try {
            return Files.write(file, model.toByteArray());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ValueInfoProto value(String name, int type, long... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long dim : dims) {
            if (dim < 0) {
                shape.addDimBuilder().setDimParam("batch");
            } else {
                shape.addDimBuilder().setDimValue(dim);
            }
        }
        TypeProto.Builder of = TypeProto.newBuilder();
        of.getTensorTypeBuilder().setElemType(type).setShape(shape);
        return ValueInfoProto.newBuilder().setName(name).setType(of).build();
    }
}
