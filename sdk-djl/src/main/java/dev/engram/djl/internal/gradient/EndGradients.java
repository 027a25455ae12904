package dev.engram.djl.internal.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.engram.api.guard.LiveParameter;
import java.util.Comparator;
import java.util.List;

/**
 * The gradients of the first and the last small parameter, which tell for little whether all are
 * finite.
 *
 * <p>A loss that is not finite shows in that of the last bias, what goes wrong on the way back in
 * that of the first. That costs some microseconds; a look at all gradients, a pass over them. Waits
 * for the device, so it is for the CPU.
 */
public final class EndGradients {

    private static final long SMALL = 4096;

    private List<LiveParameter> known = List.of();
    private List<LiveParameter> small = List.of();

    /** Returns whether both are finite. */
    public boolean areFinite(List<LiveParameter> parameters) {
        return isLastFinite(parameters) && (small.size() < 2 || hasFiniteSum(small.get(0)));
    }

    /** Returns whether the last is finite. */
    public boolean isLastFinite(List<LiveParameter> parameters) {
        find(parameters);
        return small.isEmpty() || hasFiniteSum(small.get(small.size() - 1));
    }

    /** Looks for them once for each list: it is another one when others train. */
    private void find(List<LiveParameter> parameters) {
        if (known == parameters) {
            return;
        }
        known = parameters;
        List<LiveParameter> found =
                parameters.stream().filter(one -> one.value().size() <= SMALL).toList();
        small = found.isEmpty() ? least(parameters) : found;
    }

    private static List<LiveParameter> least(List<LiveParameter> parameters) {
        return parameters.stream()
                .min(Comparator.comparingLong(one -> one.value().size()))
                .map(List::of)
                .orElse(List.of());
    }

    private static boolean hasFiniteSum(LiveParameter parameter) {
        try (NDArray gradient = parameter.gradient();
                NDArray sum = gradient.sum()) {
            return sum.getDataType() == DataType.FLOAT32
                    ? Float.isFinite(sum.getFloat())
                    : Double.isFinite(sum.getDouble());
        }
    }
}
