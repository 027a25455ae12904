package dev.engram.ewc;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import dev.engram.api.guard.FinishedTask;

/** The gradient of the loss with respect to the predictions, apart from the model. */
final class LossGradient {

    private LossGradient() {}

    /** Returns the gradient for each prediction, owned by {@code manager}. */
    static NDList of(
            GradientCollector collector,
            FinishedTask task,
            NDList labels,
            NDList predictions,
            NDManager manager) {
        NDList leaves = new NDList();
        for (NDArray prediction : predictions) {
            NDArray leaf = prediction.stopGradient();
            leaf.attach(manager);
            leaf.setRequiresGradient(true);
            leaves.add(leaf);
        }
        NDArray loss = task.loss().evaluate(labels, leaves);
        loss.attach(manager);
        collector.backward(loss);
        NDList gradients = new NDList();
        for (NDArray leaf : leaves) {
            NDArray gradient = leaf.getGradient();
            gradient.attach(manager);
            gradients.add(gradient);
        }
        return gradients;
    }
}
