package dev.engram.onnx.internal.array;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/** Changes of element type that let the gradient through. */
public final class Casts {

    private Casts() {}

    /**
     * {@code toType} between floating types detaches; a cumulative product over one element is the
     * same element, in the new type, with its gradient.
     */
    public static NDArray to(NDArray array, DataType type) {
        if (array.getDataType() == type) {
            return array;
        }
        if (array.getDataType().isFloating() && type.isFloating()) {
            int rank = array.getShape().dimension();
            return array.expandDims(rank).cumProd(rank, type).squeeze(rank);
        }
        return array.toType(type, false);
    }
}
