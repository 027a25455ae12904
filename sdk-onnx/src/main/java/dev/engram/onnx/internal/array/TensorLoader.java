package dev.engram.onnx.internal.array;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.model.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Makes arrays of a file's tensors, piece by piece through one buffer: buffers outside the heap
 * stay until a collection, so one for each tensor would hold a large model once more.
 */
public final class TensorLoader {

    /** Elements that are handed over at once. */
    private static final int PIECE = 1 << 19;

    private final NDManager manager;
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

    /** Creates a loader whose arrays belong to a manager. */
    public TensorLoader(NDManager manager) {
        this.manager = manager;
    }

    /**
     * Returns a tensor as an array of the same type; bfloat16 becomes FLOAT32, and so does float16
     * where the graph is {@link Tensor#isWidened widened}.
     *
     * @throws OnnxException if DJL's PyTorch engine cannot hold the type
     */
    public NDArray load(Tensor tensor) {
        Shape shape = new Shape(tensor.dims());
        DataType type = Tensors.heldAs(tensor);
        long size = tensor.size();
        if (size == 0) {
            return manager.zeros(shape, type);
        }
        if (size <= PIECE) {
            try (NDArray borrowed = piece(tensor, 0, (int) size, shape)) {
                return owned(borrowed, type);
            }
        }
        return inPieces(tensor, shape, type);
    }

    private NDArray inPieces(Tensor tensor, Shape shape, DataType type) {
        long size = tensor.size();
        NDArray whole = manager.zeros(new Shape(size), type);
        for (long from = 0; from < size; from += PIECE) {
            int count = (int) Math.min(PIECE, size - from);
            try (NDArray piece = piece(tensor, from, count, new Shape(count));
                    NDArray typed = piece.toType(type, true)) {
                whole.set(NDIndex.sliceAxis(0, from, from + count), typed);
            }
        }
        NDArray shaped = whole.reshape(shape);
        whole.close();
        return shaped;
    }

    /** DJL's {@code toType} to the same type shares the memory, also where it is asked to copy. */
    private static NDArray owned(NDArray borrowed, DataType type) {
        return borrowed.getDataType() == type ? borrowed.duplicate() : borrowed.toType(type, true);
    }

    /** An array that borrows the buffer: it must be copied before the next piece. */
    private NDArray piece(Tensor tensor, long from, int count, Shape shape) {
        int width = tensor.type().bytes();
        ByteBuffer values =
                tensor.values()
                        .slice(Math.toIntExact(from * width), count * width)
                        .order(ByteOrder.LITTLE_ENDIAN);
        boolean widens = tensor.type() == ElementType.BFLOAT16;
        ByteBuffer bytes = empty(widens ? 2 * values.remaining() : values.remaining());
        if (!widens) {
            bytes.put(values);
        }
        while (values.hasRemaining()) {
            bytes.putInt(values.getShort() << 16);
        }
        return manager.create(bytes.flip(), shape, Tensors.heldAs(tensor.type(), tensor.name()));
    }

    private ByteBuffer empty(int bytes) {
        if (buffer.capacity() < bytes) {
            buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
        return buffer.slice(0, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
