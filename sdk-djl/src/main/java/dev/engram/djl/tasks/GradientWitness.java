package dev.engram.djl.tasks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.kit.overlay.OwnParameters;
import dev.engram.kit.overlay.PassValues;

/**
 * A parameter that computes nothing and has a gradient.
 *
 * <p>DJL's trainer refuses its first step if all gradients together sum up to zero. Those of
 * vectors in front of a layer norm always do, but for rounding, and often exactly.
 */
final class GradientWitness {

    static final String NAME = "witness";

    private final Parameter parameter;

    /**
     * Creates it.
     *
     * @param manager that of the trainer, which closes it
     */
    GradientWitness(NDManager manager) {
        parameter = OwnParameters.trained(NAME, manager.create(1f));
    }

    Parameter parameter() {
        return parameter;
    }

    /** Returns the outputs, the first of which depends on it by {@code (w - w) · cos(0, 1, …)}. */
    NDList in(NDList outputs, ForwardPass pass) {
        NDArray output = outputs.isEmpty() ? null : outputs.head();
        if (output == null || !output.getDataType().isFloating() || output.isScalar()) {
            return outputs;
        }
        NDManager scope = output.getManager();
        PassValues values = new PassValues(pass.store(), scope, output.getDevice(), true);
        NDArray own = values.of(parameter);
        int width = (int) output.getShape().get(output.getShape().dimension() - 1);
        // Equal weights would find nothing: a softmax's gradients sum up to zero, too.
        NDArray weights = scope.arange(0, width, 1, output.getDataType(), output.getDevice()).cos();
        NDArray seen = output.add(weights.mul(own.sub(own.stopGradient())));
        seen.setName(output.getName());
        NDList all = new NDList(seen);
        all.addAll(outputs.subNDList(1));
        return all;
    }
}
