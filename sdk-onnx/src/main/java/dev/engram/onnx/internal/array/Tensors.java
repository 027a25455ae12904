package dev.engram.onnx.internal.array;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.model.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Constant tensors of a file as arrays, and arrays as the bytes of a file. */
public final class Tensors {

    private Tensors() {}

    /**
     * Returns a tensor as an array, as {@link TensorLoader#load} does.
     *
     * @throws OnnxException if DJL's PyTorch engine cannot hold the type
     */
    public static NDArray array(Tensor tensor, NDManager manager) {
        return new TensorLoader(manager).load(tensor);
    }

    /** Returns float16 as FLOAT32, with its gradient. */
    public static NDArray widened(NDArray half) {
        return Casts.to(half, DataType.FLOAT32);
    }

    /** Returns the type in which an array holds a tensor. */
    public static DataType heldAs(Tensor tensor) {
        return tensor.isWidened() ? DataType.FLOAT32 : heldAs(tensor.type(), tensor.name());
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

    /**
     * Returns the little-endian bytes of an array, in the element type of a file; FLOAT32 is
     * rounded where the file has half of its bits.
     */
    public static byte[] bytes(NDArray array, ElementType type) {
        DataType held = heldAs(type, "the array");
        if (held == DataType.FLOAT16 && array.getDataType() == DataType.FLOAT32) {
            try (NDArray half = array.toType(DataType.FLOAT16, true)) {
                return half.toByteArray();
            }
        }
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
