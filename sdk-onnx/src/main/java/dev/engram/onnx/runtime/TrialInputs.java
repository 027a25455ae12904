package dev.engram.onnx.runtime;

import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.engram.api.EngramException;
import dev.engram.onnx.internal.session.Sessions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Inputs of zeros, with 1 for each open dimension. */
final class TrialInputs {

    private static final double LARGEST = 1 << 28;

    private TrialInputs() {}

    static Map<String, OnnxTensor> zeros(OrtSession session) throws OrtException {
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        for (NodeInfo node : session.getInputInfo().values()) {
            inputs.put(node.getName(), zeros(node));
        }
        return inputs;
    }

    private static OnnxTensor zeros(NodeInfo node) throws OrtException {
        return zeros(node, new Shape(info(node).getShape()));
    }

    /** Returns zeros of a shape. */
    static OnnxTensor zeros(NodeInfo node, Shape like) throws OrtException {
        OnnxJavaType type = info(node).type;
        long[] shape = Arrays.stream(like.getShape()).map(dim -> dim < 0 ? 1 : dim).toArray();
        double bytes = Arrays.stream(shape).asDoubleStream().reduce(type.size, (a, b) -> a * b);
        if (bytes > LARGEST) {
            throw new EngramException(
                    "%s would take %.3g bytes of zeros to try; give inputs of your own"
                            .formatted(node.getName(), bytes));
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
        return OnnxTensor.createTensor(Sessions.environment(), buffer, shape, type);
    }

    private static TensorInfo info(NodeInfo node) {
        if (node.getInfo() instanceof TensorInfo info
                && info.type != OnnxJavaType.STRING
                && info.type != OnnxJavaType.UNKNOWN) {
            return info;
        }
        throw new EngramException("No input of zeros can be made up for %s".formatted(node));
    }
}
