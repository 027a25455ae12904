package dev.engram.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;

/**
 * Whether a model may be as its initializers left it.
 *
 * <p>It is only said, and nothing is done: a base that was trained over frozen biases looks alike,
 * and to take that for one without skills would lose them.
 */
final class Untrained {

    /** What was seen then, to follow "but". */
    static final String SEEN =
            "all its biases are zero, as initializers leave them, so it may never have been"
                    + " trained";

    private boolean hasBias;
    private boolean isTouched;

    /** Looks at a parameter that has a value; waits for the device at those that begin as zero. */
    void see(Parameter parameter) {
        if (isTouched || !parameter.requiresGradient()) {
            return;
        }
        switch (parameter.getType()) {
            case BIAS, BETA -> {
                hasBias = true;
                isTouched = !isZero(parameter.getArray());
            }
            default -> {}
        }
    }

    private static boolean isZero(NDArray array) {
        try (NDArray plain = array.stopGradient();
                NDArray size = plain.abs();
                NDArray most = size.max();
                NDArray narrow = most.toType(DataType.FLOAT32, true)) {
            return narrow.getFloat() == 0;
        }
    }

    boolean isLikely() {
        return hasBias && !isTouched;
    }
}
