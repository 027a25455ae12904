package dev.engram.kit.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.engram.api.Stable;

/**
 * How far a model's answers are from another's where they name classes: {@code KL(softmax(other) ‖
 * softmax(own))} over the last axis, the mean over all else.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class ClassDivergence {

    private ClassDivergence() {}

    /**
     * Returns it, recorded for autograd.
     *
     * @param other the other model's outputs, before a softmax; a head that was smaller has the
     *     first of the classes, and those that it has not are free
     * @param own the model's
     */
    public static NDArray of(NDArray other, NDArray own) {
        NDArray log = other.logSoftmax(-1);
        NDArray apart = log.sub(shared(own, other).logSoftmax(-1));
        return log.exp().mul(apart).sum(new int[] {-1}).mean();
    }

    /** Returns of a model's outputs those that the other model has, too. */
    public static NDArray shared(NDArray own, NDArray other) {
        int last = other.getShape().dimension() - 1;
        return own.getShape().equals(other.getShape())
                ? own
                : own.get(new NDIndex("..., :" + other.getShape().get(last)));
    }
}
