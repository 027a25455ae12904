package dev.engram.kit.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.api.Experimental;

/**
 * Inner products of arrays as vectors, on the device, as one number of float32: in half precision
 * the square of a number above 256 would be infinite already.
 *
 * <p>Not for use inside autograd.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class InnerProduct {

    private InnerProduct() {}

    /** Returns the sum of an array's squares, owned by {@code owner}. */
    public static NDArray ofItself(NDArray array, NDManager owner) {
        try (NDManager call = owner.newSubManager()) {
            NDArray flat = flat(array, call);
            return dot(flat, flat, call, owner);
        }
    }

    /** Returns the sum of the products of two arrays' elements, owned by {@code owner}. */
    public static NDArray of(NDArray one, NDArray other, NDManager owner) {
        try (NDManager call = owner.newSubManager()) {
            return dot(flat(one, call), flat(other, call), call, owner);
        }
    }

    private static NDArray dot(NDArray one, NDArray other, NDManager call, NDManager owner) {
        NDArray product = one.dot(other);
        product.attach(call);
        NDArray wide = product.toType(DataType.FLOAT32, false);
        wide.attach(owner);
        return wide;
    }

    private static NDArray flat(NDArray array, NDManager call) {
        NDArray flat = array.flatten();
        flat.attach(call);
        DataType type = flat.getDataType();
        if (type != DataType.FLOAT16 && type != DataType.BFLOAT16) {
            return flat;
        }
        NDArray wide = flat.toType(DataType.FLOAT32, true);
        wide.attach(call);
        return wide;
    }
}
