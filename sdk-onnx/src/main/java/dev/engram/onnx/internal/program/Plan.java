package dev.engram.onnx.internal.program;

import ai.djl.ndarray.NDArray;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** What follows from one combination of input shapes. */
final class Plan {

    private final @Nullable Value[] values;

    Plan(@Nullable Value[] values) {
        this.values = values;
    }

    @Nullable Value[] frame() {
        return values.clone();
    }

    /** The same array; {@code contains} would compare the values, and wait for the device. */
    static boolean isAmong(Collection<NDArray> arrays, NDArray wanted) {
        return arrays.stream().anyMatch(array -> array == wanted);
    }
}
