package dev.engram.djl.penalty;

import ai.djl.ndarray.NDArray;
import dev.engram.api.guard.LiveParameter;

/**
 * The penalty on one parameter, ready for the step.
 *
 * @param strength {@code min(λ Ω, cap)}
 * @param cappedElements how many elements the cap holds back
 */
record PenaltyTerm(
        LiveParameter parameter, NDArray anchor, NDArray strength, double cappedElements) {

    /**
     * Returns {@code strength (θ - θ*)}, which the caller closes.
     *
     * <p>Two operations and one allocation; DJL's {@code copyTo} into a kept buffer would save the
     * allocation, but has been seen to corrupt the heap of the PyTorch engine.
     */
    NDArray pull() {
        NDArray pull = parameter.value().sub(anchor);
        pull.muli(strength);
        return pull;
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
