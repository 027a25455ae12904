package dev.engram.kit.penalty;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * λ and the bound under which the penalty stays stable.
 *
 * @param lambda finite, 0 or more
 * @param maxLearningRate above 0
 * @param renewEvery for how many steps a pull acts; together they must not pass the anchor
 */
record PenaltyStrength(double lambda, double maxLearningRate, int renewEvery) {

    private static final double BEYOND_FLOAT = 1e30;

    double cap() {
        return 1 / (maxLearningRate * renewEvery);
    }

    /**
     * Returns {@code min(λ importance, cap)}.
     *
     * <p>The importance is limited before it is multiplied: {@code λ importance} itself would
     * overflow a float for a large but finite λ.
     */
    NDArray apply(NDArray importance, NDManager owner) {
        NDArray result;
        if (lambda == 0) {
            result = importance.zerosLike();
        } else if (lambda > BEYOND_FLOAT) {
            // So large a λ that everything of any importance is held as firmly as allowed.
            try (NDArray any = importance.gt(0)) {
                result = any.toType(importance.getDataType(), true);
            }
            result.muli(cap());
        } else {
            result = importance.minimum(cap() / lambda);
            result.muli(lambda);
        }
        result.attach(owner);
        return result;
    }

    /** Returns how many elements the cap holds back; waits for the device. */
    double capped(NDArray importance, NDManager scratch) {
        if (lambda == 0) {
            return 0;
        }
        try (NDArray over = importance.gt(cap() / lambda)) {
            return Reading.sum(over, scratch);
        }
    }
}
