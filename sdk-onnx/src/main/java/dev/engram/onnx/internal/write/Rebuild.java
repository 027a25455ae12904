package dev.engram.onnx.internal.write;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.engram.onnx.graph.OnnxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;

/** A model written anew, where new values have no place in the old bytes. */
final class Rebuild {

    private static final String VALUE = "value";

    private final Map<String, byte[]> values;

    Rebuild(Map<String, byte[]> values) {
        this.values = values;
    }

    byte[] of(ModelProto model) {
        GraphProto.Builder graph = model.getGraph().toBuilder();
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            byte[] bytes = values.get(graph.getInitializer(i).getName());
            if (bytes != null) {
                graph.setInitializer(i, replaced(graph.getInitializer(i), bytes));
            }
        }
        for (int i = graph.getNodeCount() - 1; i >= 0; i--) {
            NodeProto node = graph.getNode(i);
            byte[] bytes = node.getOutputCount() == 0 ? null : values.get(node.getOutput(0));
            if (bytes != null && node.getOpType().equals("Constant")) {
                graph.setNode(i, constant(node, bytes));
            } else if (bytes != null) {
                graph.removeNode(i);
                graph.addInitializer(alias(model, node, bytes));
            }
        }
        return model.toBuilder().setGraph(graph).build().toByteArray();
    }

    /** Returns the tensor that a Constant node holds, under the name of the node's output. */
    static Optional<TensorProto> held(NodeProto node) {
        boolean isConstant = node.getOpType().equals("Constant") && node.getOutputCount() == 1;
        return isConstant
                ? node.getAttributeList().stream()
                        .filter(told -> told.getName().equals(VALUE) && told.hasT())
                        .reduce((first, last) -> last)
                        .map(told -> told.getT().toBuilder().setName(node.getOutput(0)).build())
                : Optional.empty();
    }

    private static NodeProto constant(NodeProto node, byte[] bytes) {
        NodeProto.Builder changed = node.toBuilder();
        for (AttributeProto.Builder told : changed.getAttributeBuilderList()) {
            if (told.getName().equals(VALUE)) {
                told.setT(replaced(told.getT(), bytes));
            }
        }
        return changed.build();
    }

    /** An alias of an alias has the shape of the tensor at the end. */
    private static TensorProto alias(ModelProto model, NodeProto node, byte[] bytes) {
        String shared = node.getInput(0);
        for (TensorProto tensor : model.getGraph().getInitializerList()) {
            if (tensor.getName().equals(shared)) {
                return TensorProto.newBuilder()
                        .addAllDims(tensor.getDimsList())
                        .setDataType(tensor.getDataType())
                        .setName(node.getOutput(0))
                        .setRawData(ByteString.copyFrom(bytes))
                        .build();
            }
        }
        for (NodeProto other : model.getGraph().getNodeList()) {
            if (other.getOutputList().contains(shared) && other.getOpType().equals("Identity")) {
                NodeProto skipped = node.toBuilder().setInput(0, other.getInput(0)).build();
                return alias(model, skipped, bytes);
            }
        }
        throw new OnnxException("\"" + node.getOutput(0) + "\" is no alias of an initialiser");
    }

    private static TensorProto replaced(TensorProto tensor, byte[] bytes) {
        TensorProto.Builder changed = tensor.toBuilder();
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (tensor.hasRawData()) {
            return changed.setRawData(ByteString.copyFrom(bytes)).build();
        }
        changed.clearFloatData().clearDoubleData().clearInt32Data();
        while (in.hasRemaining()) {
            switch (tensor.getDataType()) {
                case TensorProto.DataType.FLOAT_VALUE -> changed.addFloatData(in.getFloat());
                case TensorProto.DataType.DOUBLE_VALUE -> changed.addDoubleData(in.getDouble());
                default -> changed.addInt32Data(in.getShort() & 0xffff);
            }
        }
        return changed.build();
    }
}
