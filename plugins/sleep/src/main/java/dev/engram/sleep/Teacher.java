package dev.engram.sleep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Whose answers may be learnt.
 *
 * @param name what the report calls it
 * @param model gives its answers
 * @param weights of the model that sleeps, with which the student may begin; none of another model
 */
record Teacher(String name, UnaryOperator<NDList> model, Map<String, NDArray> weights) {

    /** Returns its answers, cut off from autograd. */
    NDArray answers(NDList inputs) {
        return model.apply(inputs).head().stopGradient();
    }

    @Override
    public String toString() {
        return name;
    }
}
