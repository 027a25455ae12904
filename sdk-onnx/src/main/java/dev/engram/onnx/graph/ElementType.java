package dev.engram.onnx.graph;

import ai.djl.ndarray.types.DataType;
import dev.engram.api.Experimental;
import java.util.Arrays;
import java.util.Optional;

/**
 * The element types of ONNX, and what holds them in DJL.
 *
 * <p>DJL's PyTorch engine ends the whole JVM when it meets bfloat16 or an unsigned type wider than
 * eight bits, so these have no DJL type here; bfloat16 values are widened to FLOAT32 on the host.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum ElementType {
    FLOAT(1, 4, DataType.FLOAT32),
    UINT8(2, 1, DataType.UINT8),
    INT8(3, 1, DataType.INT8),
    UINT16(4, 2, null),
    INT16(5, 2, null),
    INT32(6, 4, DataType.INT32),
    INT64(7, 8, DataType.INT64),
    STRING(8, 0, null),
    BOOL(9, 1, DataType.BOOLEAN),
    FLOAT16(10, 2, DataType.FLOAT16),
    DOUBLE(11, 8, DataType.FLOAT64),
    UINT32(12, 4, null),
    UINT64(13, 8, null),
    COMPLEX64(14, 8, null),
    COMPLEX128(15, 16, null),
    BFLOAT16(16, 2, null);

    private final int code;
    private final int bytes;
    private final Optional<DataType> held;

    ElementType(int code, int bytes, @org.jspecify.annotations.Nullable DataType held) {
        this.code = code;
        this.bytes = bytes;
        this.held = Optional.ofNullable(held);
    }

    /** Returns the number that ONNX files use. */
    public int code() {
        return code;
    }

    /** Returns how many bytes an element has in {@code raw_data}; 0 where that is not fixed. */
    public int bytes() {
        return bytes;
    }

    /** Returns the DJL type of the same values, if its PyTorch engine can hold it. */
    public Optional<DataType> held() {
        return held;
    }

    /** Returns whether gradients can flow through values of this type. */
    public boolean isFloating() {
        return this == FLOAT || this == DOUBLE || this == FLOAT16 || this == BFLOAT16;
    }

    /** Returns the type of an ONNX number, if it is one that has a fixed size in bytes. */
    public static Optional<ElementType> of(int code) {
        return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }
}
