package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.guard.LiveParameter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Finds what is not finite. */
final class FiniteCheck {

    private static final long SMALL = 4096;

    private FiniteCheck() {}

    /**
     * Returns whether the gradients of the first and the last small parameter are finite.
     *
     * <p>A loss that is not finite shows in that of the last bias, what goes wrong on the way back
     * in that of the first. That costs some microseconds; a look at all gradients, a pass over
     * them. Waits for the device, so it is for the CPU.
     */
    static boolean atBothEnds(List<LiveParameter> parameters, NDManager manager) {
        List<LiveParameter> small = small(parameters);
        return atLast(small, manager) && (small.size() < 2 || hasFiniteSum(small.get(0), manager));
    }

    /** Returns whether the gradient of the last small parameter is finite. */
    static boolean atLast(List<LiveParameter> parameters, NDManager manager) {
        List<LiveParameter> small = small(parameters);
        return small.isEmpty() || hasFiniteSum(small.get(small.size() - 1), manager);
    }

    private static boolean hasFiniteSum(LiveParameter parameter, NDManager manager) {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray gradient = parameter.gradient();
            gradient.attach(scratch);
            NDArray sum = gradient.sum();
            return sum.getDataType() == DataType.FLOAT32
                    ? Float.isFinite(sum.getFloat())
                    : Double.isFinite(sum.getDouble());
        }
    }

    /** Returns whether a whole gradient is finite; waits for the device. */
    static boolean hasFiniteGradient(LiveParameter parameter, NDManager manager) {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray gradient = parameter.gradient();
            gradient.attach(scratch);
            NDArray sum = gradient.sum();
            sum.attach(scratch);
            return Double.isFinite(sum.toType(DataType.FLOAT64, true).getDouble())
                    || isFinite(gradient, manager);
        }
    }

    /** Returns the names of a block's parameters whose values are not finite. */
    static List<String> notFinite(Block block, NDManager manager) {
        List<String> found = new ArrayList<>();
        for (Pair<String, Parameter> entry : LiveParameters.distinct(block)) {
            NDArray array = entry.getValue().getArray();
            if (array.getDataType().isFloating() && !isFinite(array, manager)) {
                found.add(entry.getKey());
            }
        }
        return found;
    }

    /** Returns whether all elements are finite; waits for the device. */
    static boolean isFinite(NDArray array, NDManager manager) {
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

    private static List<LiveParameter> small(List<LiveParameter> parameters) {
        List<LiveParameter> small =
                parameters.stream().filter(one -> one.value().size() <= SMALL).toList();
        return small.isEmpty() ? least(parameters) : small;
    }

    private static List<LiveParameter> least(List<LiveParameter> parameters) {
        return parameters.stream()
                .min(Comparator.comparingLong(one -> one.value().size()))
                .map(List::of)
                .orElse(List.of());
    }
}
