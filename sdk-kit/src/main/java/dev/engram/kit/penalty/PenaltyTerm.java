package dev.engram.kit.penalty;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LiveParameter;
import org.jspecify.annotations.Nullable;

/** The penalty on one parameter, ready for the step. */
final class PenaltyTerm {

    private final LiveParameter parameter;
    private final NDArray anchor;
    private final NDArray strength;
    private final double cappedElements;
    private final NDManager owner;
    private @Nullable NDArray pull;

    /**
     * Creates the term.
     *
     * @param strength {@code min(λ Ω, cap)}
     * @param cappedElements how many elements the cap holds back
     * @param owner owns the pull between steps
     */
    PenaltyTerm(
            LiveParameter parameter,
            NDArray anchor,
            NDArray strength,
            double cappedElements,
            NDManager owner) {
        this.parameter = parameter;
        this.anchor = anchor;
        this.strength = strength;
        this.cappedElements = cappedElements;
        this.owner = owner;
    }

    double cappedElements() {
        return cappedElements;
    }

    long elements() {
        return parameter.value().size();
    }

    /** Returns the batch's gradient, which the caller closes. */
    NDArray gradient() {
        return parameter.gradient();
    }

    /**
     * Returns {@code strength (θ - θ*)}, of this step or of the one when it was last renewed.
     *
     * <p>To renew it takes two operations and one allocation; DJL's {@code copyTo} into a kept
     * buffer would save the allocation, but has been seen to corrupt the heap of the PyTorch
     * engine.
     */
    NDArray pull(boolean renew) {
        NDArray current = pull;
        if (current != null && !renew) {
            return current;
        }
        if (current != null) {
            current.close();
        }
        current = parameter.value().sub(anchor);
        current.muli(strength);
        current.attach(owner);
        pull = current;
        return current;
    }

    /** Returns {@code 1/2 Σ pull (θ - θ*)} on the device. */
    NDArray energy(NDArray pull) {
        try (NDArray distance = parameter.value().sub(anchor)) {
            distance.muli(pull);
            try (NDArray sum = distance.sum()) {
                return sum.mul(0.5f);
            }
        }
    }
}
