package dev.engram.onnx.retention;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.engram.onnx.internal.session.Sessions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** One input of all samples, outside the Java heap, where ONNX Runtime reads it. */
final class Column {

    private final ByteBuffer memory;
    private final long[] sampleShape;
    private final OnnxJavaType type;

    private Column(ByteBuffer memory, long[] sampleShape, OnnxJavaType type) {
        this.memory = memory;
        this.sampleShape = sampleShape.clone();
        this.type = type;
    }

    static Column of(float[] values, long... sampleShape) {
        ByteBuffer memory = memory((long) values.length * Float.BYTES);
        memory.asFloatBuffer().put(values);
        return new Column(memory, sampleShape, OnnxJavaType.FLOAT);
    }

    static Column of(long[] values, long... sampleShape) {
        ByteBuffer memory = memory((long) values.length * Long.BYTES);
        memory.asLongBuffer().put(values);
        return new Column(memory, sampleShape, OnnxJavaType.INT64);
    }

    private static ByteBuffer memory(long bytes) {
        return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    }

    long values() {
        return memory.capacity() / type.size;
    }

    long valuesASample() {
        return Arrays.stream(sampleShape).reduce(1, Math::multiplyExact);
    }

    /** Returns a view of some samples; the caller closes it. */
    OnnxTensor tensor(int from, int count) throws OrtException {
        int bytes = Math.toIntExact(valuesASample() * type.size);
        long[] shape = new long[sampleShape.length + 1];
        shape[0] = count;
        System.arraycopy(sampleShape, 0, shape, 1, sampleShape.length);
        ByteBuffer view = memory.slice(from * bytes, count * bytes).order(ByteOrder.nativeOrder());
        return OnnxTensor.createTensor(Sessions.environment(), view, shape, type);
    }
}
