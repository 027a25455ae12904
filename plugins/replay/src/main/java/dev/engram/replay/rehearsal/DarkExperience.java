package dev.engram.replay.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import dev.engram.api.EngramException;
import dev.engram.api.guard.StepView;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.djl.autograd.Scaled;

/**
 * Dark experience replay: {@code α MSE(f(x), z)} is added to the loss, where {@code z} is what the
 * model predicted when the sample was observed, and in DER++ also {@code β} times the loss of the
 * sample under its label (Buzzega et al. 2020, equations 5 and 6).
 *
 * <p>Both terms look at the same samples, which saves DER++ a pass; in the paper each draws its
 * own.
 */
final class DarkExperience implements Rehearsal {

    private final double alpha;
    private final double beta;

    DarkExperience(double alpha, double beta) {
        this.alpha = alpha;
        this.beta = beta;
    }

    @Override
    public NDArray rehearse(StepView step, Drawn drawn) {
        NDArray loss;
        double scale = beta == 0 ? 1 : step.lossScale();
        try (GradientCollector collector = step.trainer().newGradientCollector()) {
            loss = drawn.loss(step, (out, batch, losses) -> loss(out, batch, losses, scale));
            collector.backward(loss);
        }
        return loss;
    }

    private NDArray loss(NDList predictions, ReplayedBatch batch, TaskLosses losses, double scale) {
        NDArray now = predictions.head();
        NDArray then = stored(batch, now);
        NDArray loss = Scaled.by(alpha, now.sub(then).square().mean());
        return beta == 0
                ? loss
                : loss.add(Scaled.by(beta * scale, losses.evaluate(predictions, batch)));
    }

    private static NDArray stored(ReplayedBatch batch, NDArray now) {
        if (batch.predictions().isEmpty()) {
            throw new EngramException(
                    "Dark experience replay needs stored predictions, but the source keeps none:"
                            + " build it with optPredictions(true)");
        }
        NDArray then = batch.predictions().head();
        if (!then.getShape().equals(now.getShape())) {
            throw new EngramException(
                    "Dark experience replay compares predictions of shape %s with stored ones of %s: the model's outputs must stay the same from task to task"
                            .formatted(now.getShape(), then.getShape()));
        }
        return then;
    }
}
