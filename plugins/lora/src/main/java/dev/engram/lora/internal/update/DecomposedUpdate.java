package dev.engram.lora.internal.update;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.kit.overlay.Detached;
import dev.engram.kit.overlay.OwnParameters;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.kit.overlay.PassValues;

/**
 * Answers {@code m · V / ‖V‖} with {@code V = W + s·B·A} and the norm of each output's weights
 * (DoRA; Liu et al. 2024, section 4.1): size and direction are learnt apart.
 *
 * <p>An output's weights are a row of {@code W}, or a column where it is stored input first.
 *
 * <p>The magnitude {@code m} begins as the norms of the base's. The norm below the line counts as
 * constant in the backward pass (section 4.3 there).
 */
public final class DecomposedUpdate implements ParameterOverlay {

    private final LowRankUpdate update;
    private final Parameter magnitude;
    private final int summed;

    public DecomposedUpdate(
            NDArray weight, LowRankUpdate update, WeightLayout layout, NDManager manager) {
        this.update = update;
        this.summed = layout.isOutputFirst() ? 1 : 0;
        NDArray norms;
        try (NDManager scope = manager.newSubManager()) {
            norms = norms(matrix(Detached.in(scope, weight))).duplicate();
            norms.attach(manager);
        }
        this.magnitude = OwnParameters.trained("lora_magnitude_vector", norms);
    }

    /** Goes on with a magnitude from elsewhere, one value for each output. */
    public DecomposedUpdate(LowRankUpdate update, NDArray magnitude, WeightLayout layout) {
        this.update = update;
        this.summed = layout.isOutputFirst() ? 1 : 0;
        NDArray shaped =
                layout.isOutputFirst() ? magnitude.reshape(-1, 1) : magnitude.reshape(1, -1);
        this.magnitude = OwnParameters.trained("lora_magnitude_vector", shaped);
    }

    public Parameter magnitude() {
        return magnitude;
    }

    public LowRankUpdate update() {
        return update;
    }

    @Override
    public PairList<String, Parameter> parameters() {
        PairList<String, Parameter> own = update.parameters();
        own.add("lora_magnitude_vector", magnitude);
        return own;
    }

    @Override
    public NDArray value(NDArray base, PassValues values) {
        NDArray direction = matrix(update.value(base, values));
        NDArray length = values.of(magnitude).div(norms(direction.stopGradient()));
        return length.mul(direction).reshape(base.getShape());
    }

    private static NDArray matrix(NDArray weight) {
        return weight.reshape(weight.getShape().get(0), -1);
    }

    private NDArray norms(NDArray matrix) {
        return matrix.square().sum(new int[] {summed}, true).sqrt();
    }
}
