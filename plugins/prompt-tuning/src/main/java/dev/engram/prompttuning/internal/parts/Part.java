package dev.engram.prompttuning.internal.parts;

import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.api.guard.StepView;

/** What a task has at one place of the model. */
public interface Part extends AutoCloseable {

    /** Returns the parameters by names that are unique here. */
    PairList<String, Parameter> parameters();

    /** Called when the gradients of a step are complete. */
    default void onBackward(StepView step) {}

    @Override
    default void close() {}
}
