package dev.engram.ewc;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;

/** Finds out whether a loss is the mean or the sum over the samples of a batch. */
final class LossReduction {

    private static final double TOLERANCE = 1e-3;

    private LossReduction() {}

    /**
     * Returns whether the loss is a mean over samples, by looking at its gradient when every sample
     * stands twice: a mean's adds up to the same, a sum's to twice as much.
     *
     * @throws EngramException if it is neither
     */
    static boolean isMean(
            GradientCollector collector, FinishedTask task, NDList labels, NDList predictions) {
        try (NDManager call = task.scratch().newSubManager()) {
            double once = size(LossGradient.of(collector, task, labels, predictions, call));
            double twice =
                    size(
                            LossGradient.of(
                                    collector,
                                    task,
                                    doubled(labels, call),
                                    doubled(predictions, call),
                                    call));
            double ratio = once == 0 ? 1 : twice / once;
            if (Math.abs(ratio - 1) > TOLERANCE && Math.abs(ratio - 2) > TOLERANCE) {
                throw new EngramException(
                        "The loss %s is neither the mean nor the sum over the samples of a batch (its"
                                        .formatted(task.loss().getName())
                                + " gradient changes by the factor "
                                + ratio
                                + " when each sample stands twice), so the sketched Fisher cannot"
                                + " tell samples apart: set estimator = exact");
            }
            return Math.abs(ratio - 1) <= TOLERANCE;
        }
    }

    private static NDList doubled(NDList list, NDManager manager) {
        NDList doubled = new NDList();
        for (NDArray array : list) {
            NDArray twice = NDArrays.concat(new NDList(array.stopGradient(), array.stopGradient()));
            twice.attach(manager);
            doubled.add(twice);
        }
        return doubled;
    }

    private static double size(NDList gradients) {
        double size = 0;
        for (NDArray gradient : gradients) {
            size += gradient.abs().sum().toType(DataType.FLOAT64, false).getDouble();
        }
        return size;
    }
}
