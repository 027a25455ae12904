package dev.engram.djl.internal.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps what a guard adds to a step's gradient below a share of the loop's own, so that its share
 * of a step is bounded, whatever the step size.
 *
 * <p>All on the device, without a wait.
 */
final class GradientLimit {

    private static final float TINY = 1e-30f;

    private GradientLimit() {}

    /**
     * Shortens what was added, {@code d}, to {@code d min(1, c |g| / |d|)}, over all parameters.
     *
     * @param before the loop's own gradients {@code g}
     * @param share c
     */
    static void keep(StepView step, List<NDArray> before, double share) {
        List<NDArray> added = new ArrayList<>();
        NDArray own = step.scratch().zeros(new Shape(1));
        NDArray ours = step.scratch().zeros(new Shape(1));
        List<LiveParameter> parameters = step.parameters();
        for (int i = 0; i < before.size(); i++) {
            try (NDArray gradient = parameters.get(i).gradient()) {
                NDArray difference = gradient.sub(before.get(i));
                difference.attach(step.scratch());
                added.add(difference);
            }
            addSquares(before.get(i), own);
            addSquares(added.get(i), ours);
        }
        NDArray least = own.div(ours.add(TINY)).sqrt().mul((float) share).minimum(1f);
        NDArray excess = least.neg().add(1f);
        for (int i = 0; i < before.size(); i++) {
            NDArray part = excess.toType(added.get(i).getDataType(), false);
            try (NDArray gradient = parameters.get(i).gradient();
                    NDArray over = added.get(i).mul(part)) {
                gradient.subi(over);
            }
        }
    }

    private static void addSquares(NDArray array, NDArray sum) {
        try (NDArray square = array.square();
                NDArray all = square.sum();
                NDArray wide = all.toType(DataType.FLOAT32, true)) {
            sum.addi(wide);
        }
    }
}
