package dev.engram.kit.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.training.GradientCollector;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.kit.autograd.Scaled;

/**
 * Experience replay: the gradient becomes {@code (1-w) g_new + w g_old}, as if both batches had
 * been one (Chaudhry et al. 2019; Rolnick et al. 2019).
 */
final class AddedLoss implements Rehearsal {

    private final ReplayLoss loss =
            (predictions, batch, losses) -> losses.evaluate(predictions, batch);

    @Override
    public NDArray rehearse(StepView step, Drawn drawn) {
        double weight = drawn.weight() * step.lossScale();
        for (LiveParameter parameter : step.parameters()) {
            try (NDArray gradient = parameter.gradient()) {
                gradient.muli((float) (1 - drawn.weight()));
            }
        }
        NDArray weighed;
        try (GradientCollector collector = step.trainer().newGradientCollector()) {
            weighed = Scaled.by(weight, drawn.loss(step, loss));
            collector.backward(weighed);
        }
        return weighed;
    }
}
