package dev.engram.finetune;

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
import java.util.List;
import java.util.Random;

/** The file of a perceptron that has learnt nothing, as an exporter writes it. */
final class DemoModel {

    private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;
    private static final int OPSET = 13;
    private static final int IR_VERSION = 8;

    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("demo");
    private final Random random;

    private DemoModel(long seed) {
        this.random = new Random(seed);
    }

    static void write(Path file, int inputs, int hidden, int outputs, long seed)
            throws IOException {
        DemoModel demo = new DemoModel(seed);
        demo.graph.addInput(value("pixels", inputs)).addOutput(value("scores", outputs));
        demo.layer("fc1", "pixels", "hidden", inputs, hidden);
        demo.graph.addNode(node("Relu", "active", "hidden"));
        demo.layer("fc2", "active", "scores", hidden, outputs);
        ModelProto.Builder model =
                ModelProto.newBuilder().setIrVersion(IR_VERSION).setGraph(demo.graph);
        model.addOpsetImportBuilder().setDomain("").setVersion(OPSET);
        Files.write(file, model.build().toByteArray());
    }

    private void layer(String name, String from, String to, int in, int out) {
        double width = Math.sqrt(2.0 / in);
        float[] weights = new float[in * out];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (width * random.nextGaussian());
        }
        tensor(name + ".weight", weights, out, in);
        tensor(name + ".bias", new float[out], out);
        NodeProto.Builder gemm = node("Gemm", to, from, name + ".weight", name + ".bias");
        gemm.addAttributeBuilder()
                .setName("transB")
                .setType(AttributeProto.AttributeType.INT)
                .setI(1);
        graph.addNode(gemm);
    }

    private void tensor(String name, float[] values, long... dims) {
        ByteBuffer raw =
                ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        TensorProto.Builder tensor = graph.addInitializerBuilder();
        tensor.setName(name).setDataType(FLOAT).setRawData(ByteString.copyFrom(raw));
        for (long dim : dims) {
            tensor.addDims(dim);
        }
    }

    private static NodeProto.Builder node(String operator, String output, String... inputs) {
        return NodeProto.newBuilder()
                .setName(output + "_node")
                .setOpType(operator)
                .addOutput(output)
                .addAllInput(List.of(inputs));
    }

    private static ValueInfoProto.Builder value(String name, long size) {
        ValueInfoProto.Builder value = ValueInfoProto.newBuilder().setName(name);
        var tensor = value.getTypeBuilder().getTensorTypeBuilder().setElemType(FLOAT);
        tensor.getShapeBuilder().addDimBuilder().setDimParam("batch");
        tensor.getShapeBuilder().addDimBuilder().setDimValue(size);
        return value;
    }
}
