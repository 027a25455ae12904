package dev.engram.kit.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.Stable;

/**
 * Multiplies by a number inside autograd: what {@code array.mul(number)} does not do safely.
 *
 * <p>DJL 0.36 puts a number into a direct buffer of the JVM and closes it after the operation,
 * while PyTorch's graph still points there. If the garbage collector runs before the backward pass,
 * the gradient is multiplied by whatever is then in that memory, on CPU. The same holds for {@code
 * div}, {@code pow} and {@code maximum} with a number. Outside autograd all of them are safe.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class Scaled {

    private Scaled() {}

    /** Returns {@code factor·array}, which belongs to the array's manager. */
    public static NDArray by(double factor, NDArray array) {
        try (NDArray number = number(factor, array)) {
            return array.mul(number);
        }
    }

    /** The engine itself owns this memory, so the graph keeps it. */
    private static NDArray number(double factor, NDArray like) {
        DataType type = like.getDataType();
        NDArray number = like.getManager().full(new Shape(), (float) factor, type);
        if (type == DataType.FLOAT64) {
            number.addi(factor - (float) factor);
        }
        return number;
    }
}
