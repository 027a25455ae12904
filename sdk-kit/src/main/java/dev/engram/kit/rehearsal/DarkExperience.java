package dev.engram.kit.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.engram.api.EngramException;
import dev.engram.api.guard.StepView;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.kit.autograd.Scaled;

/**
 * Dark experience replay: {@code α MSE(f(x), z)} is added to the loss, where {@code z} is what the
 * model predicted when the sample was observed, and in DER++ also {@code β} times the loss of the
 * sample under its label (Buzzega et al. 2020, equations 5 and 6).
 *
 * <p>A sample that comes again in a further epoch keeps its place, and the prediction that is
 * stored with it is that of one of the epochs so far, each as likely, as if every observation had
 * been put into the buffer as a sample of its own.
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
    public boolean acts() {
        return alpha > 0 || beta > 0;
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
        NDArray then = stored(batch);
        NDArray now = comparable(predictions.head(), then);
        NDArray loss = Scaled.by(alpha, now.sub(then).square().mean());
        return beta == 0
                ? loss
                : loss.add(Scaled.by(beta * scale, losses.evaluate(predictions, batch)));
    }

    private static NDArray stored(ReplayedBatch batch) {
        if (batch.predictions().isEmpty()) {
            throw new EngramException(
                    "Dark experience replay needs stored predictions, but the source keeps none:"
                            + " build it with optPredictions(true), or take a source whose batches"
                            + " have them");
        }
        return batch.predictions().head();
    }

    /**
     * Returns what is to be compared with predictions that were stored: with their rows told apart
     * by samples, and without the outputs that the model got since, at the end of each row.
     */
    private static NDArray comparable(NDArray predictions, NDArray then) {
        NDArray now = bySample(predictions, then.getShape());
        Shape shape = now.getShape();
        if (shape.equals(then.getShape())) {
            return now;
        }
        int last = shape.dimension() - 1;
        boolean hasGrown =
                last > 0
                        && last == then.getShape().dimension() - 1
                        && shape.slice(0, last).equals(then.getShape().slice(0, last))
                        && shape.get(last) > then.getShape().get(last);
        if (!hasGrown) {
            throw new EngramException(
                    "Dark experience replay compares predictions of shape %s with stored ones of %s: from task to task the model may get more outputs, but else they must stay the same"
                            .formatted(shape, then.getShape()));
        }
        return now.get("...,0:" + then.getShape().get(last));
    }

    private static NDArray bySample(NDArray predictions, Shape then) {
        Shape shape = predictions.getShape();
        boolean isFolded =
                then.dimension() == shape.dimension() + 1
                        && then.get(0) * then.get(1) == shape.get(0);
        return isFolded
                ? predictions.reshape(then.slice(0, 2).addAll(shape.slice(1)))
                : predictions;
    }
}
