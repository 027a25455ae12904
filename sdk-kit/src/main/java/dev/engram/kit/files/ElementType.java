package dev.engram.kit.files;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The element types that are read; each other one makes DJL's PyTorch engine abort the JVM. */
enum ElementType {
    F64(DataType.FLOAT64),
    F32(DataType.FLOAT32),
    F16(DataType.FLOAT16),
    BF16(DataType.BFLOAT16),
    I64(DataType.INT64),
    I32(DataType.INT32),
    I8(DataType.INT8),
    U8(DataType.UINT8),
    BOOL(DataType.BOOLEAN);

    private final DataType stored;

    ElementType(DataType stored) {
        this.stored = stored;
    }

    static Optional<ElementType> of(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }

    static String names() {
        return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
    }

    int bytes() {
        return stored.getNumOfBytes();
    }

    DataType stored() {
        return stored;
    }

    /** Returns whether it has half of the bits of a float and one is made of it. */
    boolean widens(boolean alsoHalf) {
        return this == BF16 || (alsoHalf && this == F16);
    }

    /** Returns the float with the value of 16 stored bits. */
    float widen(short bits) {
        return this == BF16 ? Float.intBitsToFloat(bits << Short.SIZE) : half(bits);
    }

    // Float.float16ToFloat came with Java 20.
    private static float half(short bits) {
        int exponent = (bits >> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        int sign = (bits & 0x8000) << 16;
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return Float.intBitsToFloat(sign | Float.floatToRawIntBits(magnitude));
        }
        int wide = exponent == 0x1f ? 0xff : exponent + 127 - 15;
        return Float.intBitsToFloat(sign | (wide << 23) | (fraction << 13));
    }
}
