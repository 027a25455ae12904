package dev.engram.djl.internal.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.kit.autograd.InnerProduct;
import java.util.List;

/**
 * Keeps what a guard adds to a step's gradient below the loop's own, so that its share of a step is
 * bounded, whatever the step size.
 *
 * <p>All on the device, without a wait, and without an array besides the copies that are given.
 */
final class GradientLimit {

    private static final float TINY = 1e-30f;

    private GradientLimit() {}

    /**
     * Turns what was added, {@code d}, into {@code s d min(1, |g| / |d|)}, over all parameters.
     *
     * @param before copies of the loop's own gradients {@code g}, which are used up
     * @param strength s
     */
    static Lengths keep(StepView step, List<NDArray> before, double strength) {
        NDManager scratch = step.scratch();
        List<LiveParameter> parameters = step.parameters();
        NDArray own = scratch.zeros(new Shape());
        NDArray ours = scratch.zeros(new Shape());
        for (int i = 0; i < before.size(); i++) {
            NDArray copy = before.get(i);
            own.addi(InnerProduct.ofItself(copy, scratch));
            try (NDArray gradient = parameters.get(i).gradient()) {
                // From here on it is what was added, with the other sign.
                copy.subi(gradient);
            }
            ours.addi(InnerProduct.ofItself(copy, scratch));
        }
        NDArray kept = own.div(ours.add(TINY)).sqrt().minimum(1f).mul((float) strength);
        NDArray excess = kept.neg().add(1f);
        for (int i = 0; i < before.size(); i++) {
            NDArray copy = before.get(i);
            copy.muli(excess.toType(copy.getDataType(), false));
            try (NDArray gradient = parameters.get(i).gradient()) {
                gradient.addi(copy);
            }
        }
        return new Lengths(own, ours.mul(kept.square()));
    }

    /**
     * Squared lengths on the device.
     *
     * @param own of the loop's own gradient
     * @param added of what stays of that which was added
     */
    record Lengths(NDArray own, NDArray added) {}
}
