package dev.engram.onnx.retention;

import dev.engram.api.Experimental;

/** Says whether what a model gave for a sample is the right answer. Must be thread-safe. */
@FunctionalInterface
@Experimental(since = "0.1", implementedBy = "applications")
public interface AnswerRule {

    /**
     * Returns whether the answer is right.
     *
     * @param scores the sample's part of the output
     * @param label the right answer
     */
    boolean isRight(float[] scores, int label);

    /** Returns the rule that the label has the highest score; of equal ones the first counts. */
    static AnswerRule highestScore() {
        return (scores, label) -> {
            int best = 0;
            for (int i = 1; i < scores.length; i++) {
                best = scores[i] > scores[best] ? i : best;
            }
            return best == label;
        };
    }
}
