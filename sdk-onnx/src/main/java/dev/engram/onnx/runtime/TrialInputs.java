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
import java.util.Random;
import java.util.function.BiConsumer;

/** Inputs that are made up. */
final class TrialInputs {

    private static final double LARGEST = 1 << 28;

    private TrialInputs() {}

    static Map<String, OnnxTensor> zeros(OrtSession session, OpenSizes sizes) throws OrtException {
        return of(session, sizes, (buffer, type) -> {});
    }

    /**
     * Returns -1 and 1 in inputs of fractions and 1 in others: what overflows is not hidden by
     * zeros, nor by a normalisation that takes a common value away.
     */
    static Map<String, OnnxTensor> signs(OrtSession session, OpenSizes sizes) throws OrtException {
        Random random = new Random(1);
        return of(session, sizes, (buffer, type) -> fill(buffer, type, random));
    }

    private static void fill(ByteBuffer buffer, OnnxJavaType type, Random random) {
        while (buffer.hasRemaining()) {
            boolean isNegative = random.nextBoolean();
            switch (type) {
                case FLOAT -> buffer.putFloat(isNegative ? -1 : 1);
                case DOUBLE -> buffer.putDouble(isNegative ? -1 : 1);
                case FLOAT16 -> buffer.putShort((short) (isNegative ? 0xBC00 : 0x3C00));
                case BFLOAT16 -> buffer.putShort((short) (isNegative ? 0xBF80 : 0x3F80));
                case INT64 -> buffer.putLong(1);
                case INT32 -> buffer.putInt(1);
                case INT16 -> buffer.putShort((short) 1);
                default -> buffer.put((byte) 1);
            }
        }
        buffer.rewind();
    }

    private static Map<String, OnnxTensor> of(
            OrtSession session, OpenSizes sizes, BiConsumer<ByteBuffer, OnnxJavaType> filler)
            throws OrtException {
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        for (NodeInfo node : session.getInputInfo().values()) {
            inputs.put(node.getName(), tensor(node, closed(node, sizes), filler));
        }
        return inputs;
    }

    private static Shape closed(NodeInfo node, OpenSizes sizes) {
        long[] shape = info(node).getShape().clone();
        String[] names = info(node).getDimensionNames();
        for (int axis = 0; axis < shape.length; axis++) {
            if (shape[axis] < 0) {
                shape[axis] = sizes.of(node.getName(), names[axis], axis);
            }
        }
        return new Shape(shape);
    }

    /** Returns zeros of a shape. */
    static OnnxTensor zeros(NodeInfo node, Shape like) throws OrtException {
        return tensor(node, like, (buffer, type) -> {});
    }

    private static OnnxTensor tensor(
            NodeInfo node, Shape like, BiConsumer<ByteBuffer, OnnxJavaType> filler)
            throws OrtException {
        OnnxJavaType type = info(node).type;
        long[] shape = Arrays.stream(like.getShape()).map(dim -> dim < 0 ? 1 : dim).toArray();
        double bytes = Arrays.stream(shape).asDoubleStream().reduce(type.size, (a, b) -> a * b);
        if (bytes > LARGEST) {
            throw new EngramException(
                    "%s would take %s bytes to try; give inputs of your own"
                            .formatted(node.getName(), Math.round(bytes)));
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
        filler.accept(buffer, type);
        return OnnxTensor.createTensor(Sessions.environment(), buffer, shape, type);
    }

    private static TensorInfo info(NodeInfo node) {
        if (node.getInfo() instanceof TensorInfo info
                && info.type != OnnxJavaType.STRING
                && info.type != OnnxJavaType.UNKNOWN) {
            return info;
        }
        throw new EngramException("No input can be made up for %s".formatted(node));
    }
}
