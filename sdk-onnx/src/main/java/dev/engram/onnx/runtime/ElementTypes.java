package dev.engram.onnx.runtime;

import ai.djl.ndarray.types.DataType;
import ai.onnxruntime.OnnxJavaType;
import dev.engram.api.EngramException;

/** The element types that ONNX Runtime and DJL's PyTorch engine both can hold. */
final class ElementTypes {

    private ElementTypes() {}

    /**
     * Returns DJL's type; others would make PyTorch's engine end the whole process.
     *
     * @param what for the message
     */
    static DataType of(OnnxJavaType type, String what) {
        return switch (type) {
            case FLOAT -> DataType.FLOAT32;
            case DOUBLE -> DataType.FLOAT64;
            case FLOAT16 -> DataType.FLOAT16;
            case INT64 -> DataType.INT64;
            case INT32 -> DataType.INT32;
            case INT8 -> DataType.INT8;
            case UINT8 -> DataType.UINT8;
            case BOOL -> DataType.BOOLEAN;
            default ->
                    throw new EngramException(
                            "%s has the element type %s, which DJL's PyTorch engine cannot hold"
                                    .formatted(what, type));
        };
    }

    /** Returns whether one type may be cast to another without changing what it counts. */
    static boolean isCast(DataType from, DataType to) {
        return from.isFloating() == to.isFloating() && from.isBoolean() == to.isBoolean();
    }
}
