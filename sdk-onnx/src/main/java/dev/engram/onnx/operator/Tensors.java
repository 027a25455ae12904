package dev.engram.onnx.operator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Constant tensors of a file as arrays, and arrays as the bytes of a file. */
public final class Tensors {

    /** Elements that are handed over at once. */
    private static final long PIECE = 1 << 22;

    private Tensors() {}

    /**
     * Returns a tensor as an array of the same type; bfloat16 becomes FLOAT32.
     *
     * @throws OnnxException if DJL's PyTorch engine cannot hold the type
     */
    public static NDArray array(Tensor tensor, NDManager manager) {
        Shape shape = new Shape(tensor.dims());
        DataType type = heldAs(tensor.type(), tensor.name());
        if (tensor.size() == 0) {
            return manager.zeros(shape, type);
        }
        if (tensor.size() > PIECE) {
            return inPieces(tensor, type, manager).reshape(shape);
        }
        try (NDArray borrowed = manager.create(direct(tensor.values(), tensor), shape, type)) {
            return borrowed.duplicate();
        }
    }

    /** A large tensor goes to the engine piece by piece, so that it is never there three times. */
    private static NDArray inPieces(Tensor tensor, DataType type, NDManager manager) {
        long size = tensor.size();
        NDArray whole = manager.zeros(new Shape(size), type);
        ByteBuffer values = tensor.values();
        for (long from = 0; from < size; from += PIECE) {
            long to = Math.min(size, from + PIECE);
            int width = tensor.type().bytes();
            ByteBuffer part =
                    values.slice((int) (from * width), (int) ((to - from) * width))
                            .order(ByteOrder.LITTLE_ENDIAN);
            Shape shape = new Shape(to - from);
            try (NDArray piece = manager.create(direct(part, tensor), shape, type)) {
                whole.set(NDIndex.sliceAxis(0, from, to), piece);
            }
        }
        return whole;
    }

    /** Returns the type in which an array holds such elements. */
    public static DataType heldAs(ElementType type, String name) {
        if (type == ElementType.BFLOAT16) {
            return DataType.FLOAT32;
        }
        return type.held()
                .orElseThrow(
                        () ->
                                new OnnxException(
                                        "\""
                                                + name
                                                + "\" is "
                                                + type
                                                + ", which DJL's PyTorch engine cannot hold;"
                                                + " export the model with other types"));
    }

    private static ByteBuffer direct(ByteBuffer values, Tensor tensor) {
        int width = tensor.type() == ElementType.BFLOAT16 ? 2 : 1;
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(values.remaining() * width)
                        .order(ByteOrder.LITTLE_ENDIAN);
        if (width == 1) {
            bytes.put(values);
        }
        while (values.hasRemaining()) {
            bytes.putInt(values.getShort() << 16);
        }
        return bytes.flip();
    }

    /** Returns the little-endian bytes of an array, in the element type of a file. */
    public static byte[] bytes(NDArray array, ElementType type) {
        DataType held = heldAs(type, "the array");
        if (array.getDataType() != held) {
            throw new OnnxException(
                    "An array of the type "
                            + array.getDataType()
                            + " cannot be written as "
                            + type);
        }
        byte[] wide = array.toByteArray();
        return type == ElementType.BFLOAT16 ? rounded(wide) : wide;
    }

    /** To the nearest bfloat16, and to the even one of two that are equally near. */
    private static byte[] rounded(byte[] wide) {
        ByteBuffer floats = ByteBuffer.wrap(wide).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer halves = ByteBuffer.allocate(wide.length / 2).order(ByteOrder.LITTLE_ENDIAN);
        while (floats.hasRemaining()) {
            float value = floats.getFloat();
            int bits = Float.floatToRawIntBits(value);
            int even = bits >>> 16 & 1;
            halves.putShort(
                    (short) ((Float.isNaN(value) ? bits | 1 << 22 : bits + 0x7fff + even) >>> 16));
        }
        return halves.array();
    }
}
