package dev.engram.onnx.retention;

import dev.engram.api.Experimental;

/** Says whether what a model gave for a sample is the right answer. Must be thread-safe. */
@FunctionalInterface
@Experimental(since = "0.1", implementedBy = "applications")
public interface AnswerRule {

    /**
     * Returns whether the answer is right.
     *
     * @param scores the sample's part of the output; none is NaN
     * @param label the right answer
     * @throws dev.engram.api.EngramException if the label cannot be among these scores; whoever
     *     judges adds the model, the task and the sample
     */
    boolean isRight(float[] scores, int label);

    /**
     * Returns the rule that the label has the highest score; of equal ones the first counts. It
     * refuses a label that has no score.
     */
    static AnswerRule highestScore() {
        return new HighestScore();
    }
}
