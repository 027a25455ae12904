package dev.engram.onnx.runtime;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.engram.api.EngramException;
import dev.engram.onnx.internal.session.Sessions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An array of DJL that ONNX Runtime reads from or writes into, row by row of its first axis, in
 * PyTorch's own memory: nothing is copied on a CPU.
 *
 * <p>The memory belongs to the array, so the array must stay open and reachable during the run.
 */
final class TensorRows {

    private final NDArray array;
    private final ByteBuffer memory;
    private final OnnxJavaType type;
    private final boolean shared;
    private final long rows;
    private boolean isCast;

    private TensorRows(
            NDArray array, OnnxJavaType type, ByteBuffer memory, boolean shared, long rows) {
        this.rows = rows;
        this.array = array;
        this.type = type;
        this.memory = memory.order(ByteOrder.nativeOrder());
        this.shared = shared;
    }

    /**
     * Returns an input as ONNX Runtime wants it.
     *
     * @param rows how many the run has; an array with another first axis is always given whole
     */
    static TensorRows in(NDArray array, String name, OnnxJavaType wanted, long rows) {
        DataType type = ElementTypes.of(wanted, "The input " + name);
        if (array.getDataType() == type) {
            return read(array, wanted, rows, false);
        }
        if (!ElementTypes.isCast(array.getDataType(), type)) {
            throw new EngramException(
                    "The input %s is %s; seen: %s".formatted(name, type, array.getDataType()));
        }
        return read(array.toType(type, true), wanted, rows, true);
    }

    private static TensorRows read(NDArray array, OnnxJavaType type, long rows, boolean isCast) {
        TensorRows read = new TensorRows(array, type, array.toByteBuffer(true), true, rows);
        read.isCast = isCast;
        return read;
    }

    /** Returns a new array for an output. */
    static TensorRows out(String name, Shape shape, OnnxJavaType type, NDManager owner, long rows) {
        NDArray array = owner.create(shape, ElementTypes.of(type, "The output " + name));
        array.setName(name);
        boolean shared =
                owner.getEngine().getEngineName().equals("PyTorch")
                        && array.getDevice().equals(Device.cpu())
                        && shape.size() > 0;
        ByteBuffer memory =
                shared
                        ? array.toByteBuffer(true)
                        : ByteBuffer.allocate(Math.toIntExact(shape.size() * type.size));
        return new TensorRows(array, type, memory, shared, rows);
    }

    /** Returns whether ONNX Runtime can write into the array itself. */
    boolean isShared() {
        return shared;
    }

    /** Brings what was written to where the array is. */
    void finish() {
        if (!shared && memory.capacity() > 0) {
            array.set(memory.rewind());
        }
    }

    /** Frees what was made to read the input. */
    void release() {
        if (isCast) {
            array.close();
        }
    }

    NDArray array() {
        return array;
    }

    Shape shape() {
        return array.getShape();
    }

    private boolean isWhole() {
        return shape().dimension() == 0 || shape().get(0) != rows;
    }

    /** Returns a view of some rows. */
    OnnxTensor tensor(long from, long count) throws OrtException {
        return OnnxTensor.createTensor(
                Sessions.environment(), slice(from, count), shape(count).getShape(), type);
    }

    Shape shape(long count) {
        long[] dims = shape().getShape().clone();
        if (!isWhole()) {
            dims[0] = count;
        }
        return new Shape(dims);
    }

    /**
     * Copies rows in.
     *
     * @param seen their shape, which may differ from batch to batch
     */
    void put(long from, long count, Shape seen, OnnxTensor values) {
        if (!seen.equals(shape(count))) {
            throw new EngramException(
                    "The output %s has the shape %s here and %s elsewhere, so that batches cannot be joined: leave out optBatchSize"
                            .formatted(array.getName(), seen, shape()));
        }
        slice(from, count).put(values.getByteBuffer());
    }

    private ByteBuffer slice(long from, long count) {
        if (isWhole()) {
            return memory.duplicate().rewind().order(ByteOrder.nativeOrder());
        }
        long bytes = memory.capacity() / Math.max(1, rows);
        return memory.slice(Math.toIntExact(from * bytes), Math.toIntExact(count * bytes))
                .order(ByteOrder.nativeOrder());
    }
}
