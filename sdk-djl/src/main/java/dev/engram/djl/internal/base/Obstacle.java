package dev.engram.djl.internal.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.L1Loss;
import ai.djl.training.loss.L2Loss;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.FinishedTask;
import dev.engram.kit.files.DataTypeName;
import java.util.Arrays;
import java.util.Optional;

/** Why a base cannot be asked for inputs that it is sure of, in words that follow "because". */
final class Obstacle {

    private Obstacle() {}

    /** Returns what is in the way before anything is computed. */
    static Optional<String> before(FinishedTask base) {
        Loss loss = base.loss();
        if (base.sampleCount() == 0) {
            return Optional.of("the loop showed no samples");
        }
        if (loss instanceof L2Loss || loss instanceof L1Loss) {
            return Optional.of(
                    "its loss measures distances (%s), so that what it answers are no classes"
                            .formatted(loss.getClass().getSimpleName()));
        }
        return Optional.empty();
    }

    /** Returns what is in the way of changing inputs by little. */
    static Optional<String> of(NDList inputs) {
        NDArray first = inputs.head();
        if (inputs.size() != 1) {
            return Optional.of("it takes %s arrays".formatted(inputs.size()));
        }
        if (!first.getDataType().isFloating()) {
            return Optional.of(
                    "its inputs are %s and no floating-point numbers"
                            .formatted(DataTypeName.of(first.getDataType())));
        }
        return first.getShape().dimension() > 1
                ? Optional.empty()
                : Optional.of("its inputs have the shape " + first.getShape());
    }

    /**
     * Returns what is in the way in a model's answers.
     *
     * @param samples how many were asked
     */
    static Optional<String> of(NDList answers, long samples) {
        for (int i = 0; i < answers.size(); i++) {
            Shape shape = answers.get(i).getShape();
            if (shape.dimension() == 0 || shape.get(0) != samples) {
                return Optional.of(
                        "the shape of its output %s is %s, which does not begin with the %s samples; states of recurrent blocks (optReturnState) are such outputs: return the others alone"
                                .formatted(i + 1, shape, samples));
            }
        }
        if (!Classes.isToldBy(answers)) {
            return Optional.of(
                    "what it answers are no classes: no output has the shape (samples, classes),"
                            + " they have "
                            + Arrays.toString(answers.getShapes()));
        }
        return Optional.empty();
    }
}
