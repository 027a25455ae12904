package dev.engram.onnx.internal.write;

import dev.engram.onnx.graph.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers that are NaN or infinite, as a file would hold them. */
public final class NonFinite {

    private static final int FLOAT = 0x7f800000;
    private static final long DOUBLE = 0x7ff0000000000000L;
    private static final int HALF = 0x7c00;
    private static final int BRAIN = 0x7f80;

    private NonFinite() {}

    /** Returns how many there are among little-endian values. */
    public static long count(byte[] values, ElementType type) {
        ByteBuffer in = ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN);
        long count = 0;
        while (in.remaining() >= type.bytes()) {
            count += isNext(in, type) ? 1 : 0;
        }
        return count;
    }

    /** All bits of the exponent are set. */
    private static boolean isNext(ByteBuffer in, ElementType type) {
        return switch (type) {
            case FLOAT -> (in.getInt() & FLOAT) == FLOAT;
            case DOUBLE -> (in.getLong() & DOUBLE) == DOUBLE;
            case FLOAT16 -> (in.getShort() & HALF) == HALF;
            case BFLOAT16 -> (in.getShort() & BRAIN) == BRAIN;
            default -> {
                in.position(in.position() + type.bytes());
                yield false;
            }
        };
    }
}
