package dev.engram.benchmark.cost;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Builds an ONNX file node by node, as exporters write them; its input is called x. */
final class OnnxGraph {

    private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;
    private static final int OPSET = 20;
    private static final int IR_VERSION = 9;

    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("cost");

    /** Starts a graph; the first axis of its input is open. */
    OnnxGraph(long... dims) {
        graph.addInput(value("x", dims));
    }

    /** Adds a node and returns the name of what it computes. */
    String node(String operator, String... inputs) {
        String output = operator + graph.getNodeCount();
        NodeProto.Builder node = graph.addNodeBuilder().setName(output).setOpType(operator);
        node.addAllInput(List.of(inputs)).addOutput(output);
        return output;
    }

    /** Tells the last node a number. */
    void tell(String name, long number) {
        attribute(name).setType(AttributeProto.AttributeType.INT).setI(number);
    }

    /** Tells the last node several numbers. */
    void tellAll(String name, long... numbers) {
        attribute(name)
                .setType(AttributeProto.AttributeType.INTS)
                .addAllInts(Arrays.stream(numbers).boxed().toList());
    }

    private AttributeProto.Builder attribute(String name) {
        return graph.getNodeBuilder(graph.getNodeCount() - 1).addAttributeBuilder().setName(name);
    }

    /** Adds a weight with the values of a native block's parameter. */
    String weight(Block block, String parameter) {
        return weight(block.getParameters().get(parameter).getArray());
    }

    String weight(NDArray array) {
        return weight(array.toFloatArray(), array.getShape().getShape());
    }

    String weight(float[] numbers, long... dims) {
        ByteBuffer raw = bytes(numbers.length * Float.BYTES);
        raw.asFloatBuffer().put(numbers);
        return tensor(FLOAT, raw, dims);
    }

    String integers(long... numbers) {
        ByteBuffer raw = bytes(numbers.length * Long.BYTES);
        raw.asLongBuffer().put(numbers);
        return tensor(TensorProto.DataType.INT64_VALUE, raw, numbers.length);
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    }

    private String tensor(int type, ByteBuffer raw, long... dims) {
        String name = "w" + graph.getInitializerCount();
        graph.addInitializerBuilder()
                .setName(name)
                .setDataType(type)
                .addAllDims(Arrays.stream(dims).boxed().toList())
                .setRawData(ByteString.copyFrom(raw));
        return name;
    }

    /** Writes the file, whose output is one of the values. */
    Path write(String output, Path file) throws IOException {
        ValueInfoProto.Builder value = ValueInfoProto.newBuilder().setName(output);
        value.getTypeBuilder().getTensorTypeBuilder().setElemType(FLOAT);
        graph.addOutput(value);
        ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(IR_VERSION).setGraph(graph);
        model.addOpsetImportBuilder().setDomain("").setVersion(OPSET);
        return Files.write(file, model.build().toByteArray());
    }

    private static ValueInfoProto value(String name, long... dims) {
        ValueInfoProto.Builder value = ValueInfoProto.newBuilder().setName(name);
        var tensor = value.getTypeBuilder().getTensorTypeBuilder().setElemType(FLOAT);
        tensor.getShapeBuilder().addDimBuilder().setDimParam("batch");
        for (int i = 1; i < dims.length; i++) {
            tensor.getShapeBuilder().addDimBuilder().setDimValue(dims[i]);
        }
        return value.build();
    }
}
