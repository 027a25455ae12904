package dev.engram.djl.internal.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.guard.LiveParameter;
import dev.engram.djl.internal.parameters.LiveParameters;
import java.util.ArrayList;
import java.util.List;

/** Finds what is not finite. */
public final class FiniteCheck {

    private FiniteCheck() {}

    /** Returns whether a whole gradient is finite; waits for the device. */
    public static boolean hasFiniteGradient(LiveParameter parameter, NDManager manager) {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray gradient = parameter.gradient();
            gradient.attach(scratch);
            return isFiniteQuickly(gradient, scratch);
        }
    }

    /** As {@link #isFinite}, without a wide copy where the sum in the array's own type will do. */
    public static boolean isFiniteQuickly(NDArray array, NDManager scratch) {
        NDArray sum = array.sum();
        sum.attach(scratch);
        NDArray wide = sum.toType(DataType.FLOAT64, true);
        wide.attach(scratch);
        return Double.isFinite(wide.getDouble()) || isFinite(array, scratch);
    }

    /** Returns the names of a block's parameters whose values are not finite; waits. */
    public static List<String> notFinite(Block block, NDManager manager) {
        List<String> found = new ArrayList<>();
        for (Pair<String, Parameter> entry : LiveParameters.distinct(block)) {
            try (NDManager scratch = manager.newSubManager()) {
                NDArray value = entry.getValue().getArray().stopGradient();
                value.attach(scratch);
                if (value.getDataType().isFloating() && !isFiniteQuickly(value, scratch)) {
                    found.add(entry.getKey());
                }
            }
        }
        return found;
    }

    /** Returns whether all elements are finite; waits for the device. */
    public static boolean isFinite(NDArray array, NDManager manager) {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray detached = array.stopGradient();
            detached.attach(scratch);
            // Wide, because a sum of finite numbers may leave the range of a narrow one.
            NDArray wide = detached.toType(DataType.FLOAT64, true);
            wide.attach(scratch);
            NDArray sum = wide.sum();
            sum.attach(scratch);
            return Double.isFinite(sum.getDouble());
        }
    }
}
