package dev.engram.djl.penalty;

import ai.djl.ndarray.NDArray;
import dev.engram.api.guard.LiveParameter;

/**
 * The penalty on one parameter, ready for the step.
 *
 * @param strength {@code min(λ Ω, cap)}
 * @param pull holds the penalty's gradient; filled anew at each step
 */
record PenaltyTerm(
        LiveParameter parameter,
        NDArray anchor,
        NDArray strength,
        NDArray pull,
        double cappedElements) {

    /** Computes {@code strength (θ - θ*)} without allocating. */
    @Override
    public NDArray pull() {
        parameter.value().copyTo(pull);
        pull.subi(anchor);
        pull.muli(strength);
        return pull;
    }

    /** Returns {@code 1/2 Σ strength (θ - θ*)²} on the device, given the pull just computed. */
    NDArray energy() {
        try (NDArray distance = parameter.value().sub(anchor)) {
            distance.muli(pull);
            try (NDArray sum = distance.sum()) {
                return sum.mul(0.5);
            }
        }
    }
}
