package dev.engram.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Small models, built in the test that needs them. */
public final class Models {

    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
    private final int opset;

    private Models(int opset) {
        this.opset = opset;
    }

    public static Models opset(int version) {
        return new Models(version);
    }

    /** An input; -1 leaves a dimension open. */
    public Models input(String name, DataType type, long... dims) {
        graph.addInput(value(name, type, dims));
        return this;
    }

    /** An output; without dimensions its shape is not stated. */
    public Models output(String name, DataType type, long... dims) {
        if (dims.length > 0) {
            graph.addOutput(value(name, type, dims));
            return this;
        }
        TypeProto.Tensor tensor =
                TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).build();
        graph.addOutput(
                ValueInfoProto.newBuilder()
                        .setName(name)
                        .setType(TypeProto.newBuilder().setTensorType(tensor)));
        return this;
    }

    public static ValueInfoProto value(String name, DataType type, long... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long dim : dims) {
            TensorShapeProto.Dimension.Builder one = shape.addDimBuilder();
            if (dim >= 0) {
                one.setDimValue(dim);
            } else {
                one.setDimParam("n");
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(
                        TypeProto.newBuilder()
                                .setTensorType(
                                        TypeProto.Tensor.newBuilder()
                                                .setElemType(type.getNumber())
                                                .setShape(shape)))
                .build();
    }

    public Models weights(String name, long[] dims, float... values) {
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            raw.putFloat(value);
        }
        return initializer(
                tensor(name, DataType.FLOAT, dims)
                        .setRawData(ByteString.copyFrom(raw.array()))
                        .build());
    }

    /** A weight of normal values, the same for the same name. */
    public Models weight(String name, long... dims) {
        Random random = new Random(name.hashCode());
        float[] values = new float[(int) Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return weights(name, dims, values);
    }

    public Models numbers(String name, long[] dims, float... values) {
        TensorProto.Builder tensor = tensor(name, DataType.FLOAT, dims);
        for (float value : values) {
            tensor.addFloatData(value);
        }
        return initializer(tensor.build());
    }

    public Models integers(String name, long... values) {
        TensorProto.Builder tensor = tensor(name, DataType.INT64, values.length);
        Arrays.stream(values).forEach(tensor::addInt64Data);
        return initializer(tensor.build());
    }

    public static TensorProto.Builder tensor(String name, DataType type, long... dims) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
        Arrays.stream(dims).forEach(tensor::addDims);
        return tensor;
    }

    public Models initializer(TensorProto tensor) {
        graph.addInitializer(tensor);
        return this;
    }

    public Models node(
            String type, List<String> inputs, List<String> outputs, AttributeProto... told) {
        graph.addNode(
                NodeProto.newBuilder()
                        .setName("the" + type + graph.getNodeCount())
                        .setOpType(type)
                        .addAllInput(inputs)
                        .addAllOutput(outputs)
                        .addAllAttribute(Arrays.asList(told)));
        return this;
    }

    /** A node of one output, called {@code OUTPUT_node}. */
    public Models node(String type, String output, String... inputs) {
        graph.addNode(
                NodeProto.newBuilder()
                        .setName(output + "_node")
                        .setOpType(type)
                        .addOutput(output)
                        .addAllInput(List.of(inputs)));
        return this;
    }

    /** Sets an attribute of the last node. */
    public Models with(String name, Object value) {
        graph.getNodeBuilder(graph.getNodeCount() - 1).addAttribute(told(name, value));
        return this;
    }

    public static AttributeProto told(String name, Object value) {
        AttributeProto.Builder told = AttributeProto.newBuilder().setName(name);
        if (value instanceof Integer i) {
            told.setType(AttributeProto.AttributeType.INT).setI(i);
        } else if (value instanceof Float f) {
            told.setType(AttributeProto.AttributeType.FLOAT).setF(f);
        } else if (value instanceof String s) {
            told.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(s));
        } else if (value instanceof long[] all) {
            told.setType(AttributeProto.AttributeType.INTS);
            Arrays.stream(all).forEach(told::addInts);
        } else if (value instanceof TensorProto tensor) {
            told.setType(AttributeProto.AttributeType.TENSOR).setT(tensor);
        } else if (value instanceof GraphProto inner) {
            told.setType(AttributeProto.AttributeType.GRAPH).setG(inner);
        } else {
            throw new IllegalArgumentException(name + " = " + value);
        }
        return told.build();
    }

    public GraphProto graph() {
        return graph.build();
    }

    public ModelProto.Builder model() {
        ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8).setGraph(graph);
        model.addOpsetImportBuilder().setDomain("").setVersion(opset);
        return model;
    }

    public ModelProto build() {
        return model().build();
    }

    public Path write(Path file) {
        return write(build(), file);
    }

    public static Path write(ModelProto model, Path file) {
        try {
            return Files.write(file, model.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
