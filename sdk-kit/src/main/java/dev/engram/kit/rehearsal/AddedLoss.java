package dev.engram.kit.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.training.GradientCollector;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.kit.autograd.Scaled;
import org.jspecify.annotations.Nullable;

/**
 * Experience replay: the gradient becomes {@code (1-w) g_new + w g_old}, as if both batches had
 * been one (Chaudhry et al. 2019; Rolnick et al. 2019).
 */
final class AddedLoss implements Rehearsal {

    private final ReplayLoss loss;
    private final @Nullable SoftTargets soft;

    private AddedLoss(ReplayLoss loss, @Nullable SoftTargets soft) {
        this.loss = loss;
        this.soft = soft;
    }

    /** Returns one of samples under their labels. */
    static AddedLoss ofLabels() {
        return new AddedLoss((out, batch, losses) -> losses.evaluate(out, batch), null);
    }

    /** Returns one of samples under what was answered to them before. */
    static AddedLoss ofAnswers(double temperature) {
        SoftTargets soft = new SoftTargets(temperature);
        return new AddedLoss(soft, soft);
    }

    @Override
    public void require(TrainingView training) {
        if (soft != null) {
            soft.begin(training);
        }
    }

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

    @Override
    public void close() {
        if (soft != null) {
            soft.close();
        }
    }
}
