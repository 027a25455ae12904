package dev.engram.onnx.operator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Constant tensors of a file as arrays, and arrays as the bytes of a file. */
public final class Tensors {

    private Tensors() {}

    /**
     * Returns a tensor as an array of the same type; bfloat16 becomes FLOAT32.
     *
     * @throws OnnxException if DJL's PyTorch engine cannot hold the type
     */
    public static NDArray array(Tensor tensor, NDManager manager) {
        return new TensorLoader(manager).load(tensor);
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
