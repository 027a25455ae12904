package dev.engram.djl.internal.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;
import dev.engram.djl.internal.check.WrappedLoss;

/** The user's loss, with the guards' terms where a batch of the loop is asked about. */
final class JoinedLoss extends Loss implements WrappedLoss {

    private final Loss own;
    private final JointLoss joint;

    JoinedLoss(Loss own, JointLoss joint) {
        super(own.getName());
        this.own = own;
        this.joint = joint;
    }

    @Override
    public Loss own() {
        return own;
    }

    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        NDArray loss = own.evaluate(labels, predictions);
        return joint.terms(labels, predictions).map(loss::add).orElse(loss);
    }

    @Override
    public void addAccumulator(String key) {
        own.addAccumulator(key);
    }

    @Override
    public void updateAccumulator(String key, NDList labels, NDList predictions) {
        own.updateAccumulator(key, labels, predictions);
    }

    @Override
    public void updateAccumulators(String[] keys, NDList labels, NDList predictions) {
        own.updateAccumulators(keys, labels, predictions);
    }

    @Override
    public void resetAccumulator(String key) {
        own.resetAccumulator(key);
    }

    @Override
    public float getAccumulator(String key) {
        return own.getAccumulator(key);
    }
}
