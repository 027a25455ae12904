package dev.engram.kit.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.kit.autograd.Cleared;
import dev.engram.kit.autograd.InnerProduct;
import dev.engram.kit.autograd.Scaled;
import java.util.ArrayList;
import java.util.List;

/**
 * A-GEM: where the new gradient {@code g} would raise the loss of earlier samples, whose gradient
 * is {@code r}, the part that does so is taken out: {@code g - min(0, g·r)/(r·r) r} (Chaudhry et
 * al. 2019, "Efficient lifelong learning with A-GEM", equation 11).
 *
 * <p>The dot products stay on the device; nothing waits for it.
 */
final class ProjectedGradient implements Rehearsal {

    private static final double TINY = 1e-20;

    private final float strength;
    private final ReplayLoss loss =
            (predictions, batch, losses) -> losses.evaluate(predictions, batch);

    ProjectedGradient(double strength) {
        if (!(strength >= 0 && Double.isFinite(strength))) {
            throw new InvalidOptionException(
                    "optProjection(%s): give 0 or more".formatted(strength));
        }
        this.strength = (float) strength;
    }

    @Override
    public boolean comparesGradients() {
        return true;
    }

    @Override
    public NDArray rehearse(StepView step, Drawn drawn) {
        NDManager scratch = step.scratch();
        double scale = strength == 0 ? 1 : step.lossScale();
        List<NDArray> fresh = setAside(step, scratch);
        NDArray reference;
        try (GradientCollector collector = step.trainer().newGradientCollector()) {
            reference = Scaled.by(scale, drawn.loss(step, loss));
            collector.backward(reference);
        }
        project(step, fresh, scratch);
        return reference;
    }

    /** Copies the new gradients and leaves zeros. */
    private static List<NDArray> setAside(StepView step, NDManager scratch) {
        List<NDArray> fresh = new ArrayList<>();
        for (LiveParameter parameter : step.parameters()) {
            try (NDArray gradient = parameter.gradient()) {
                NDArray copy = gradient.duplicate();
                copy.attach(scratch);
                fresh.add(copy);
                Cleared.zero(gradient);
            }
        }
        return fresh;
    }

    /** Turns the reference gradients, which the parameters hold, into the projected new ones. */
    private void project(StepView step, List<NDArray> fresh, NDManager scratch) {
        NDArray along = scratch.zeros(new Shape());
        NDArray square = scratch.zeros(new Shape());
        for (int i = 0; i < fresh.size(); i++) {
            try (NDArray reference = step.parameters().get(i).gradient()) {
                along.addi(InnerProduct.of(fresh.get(i), reference, scratch));
                square.addi(InnerProduct.ofItself(reference, scratch));
            }
        }
        NDArray factor = along.div(square.add((float) TINY)).neg().add(strength).maximum(0f);
        for (int i = 0; i < fresh.size(); i++) {
            try (NDArray gradient = step.parameters().get(i).gradient()) {
                gradient.muli(factor);
                gradient.addi(fresh.get(i));
            }
        }
    }
}
