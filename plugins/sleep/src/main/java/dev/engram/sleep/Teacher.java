package dev.engram.sleep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Whose answers may be learnt; one is the same as itself alone, whatever its weights. */
final class Teacher {

    private final String name;
    private final UnaryOperator<NDList> model;
    private final Map<String, NDArray> weights;

    /**
     * Creates one.
     *
     * @param name what the report calls it
     * @param model gives its answers
     * @param weights of the model that sleeps, with which the student may begin; none of another
     *     model
     */
    Teacher(String name, UnaryOperator<NDList> model, Map<String, NDArray> weights) {
        this.name = name;
        this.model = model;
        this.weights = weights;
    }

    String name() {
        return name;
    }

    UnaryOperator<NDList> model() {
        return model;
    }

    Map<String, NDArray> weights() {
        return weights;
    }

    /** Returns its answers, cut off from autograd. */
    NDArray answers(NDList inputs) {
        return model.apply(inputs).head().stopGradient();
    }

    @Override
    public String toString() {
        return name;
    }
}
