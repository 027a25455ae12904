package dev.engram.onnx.retention;

import dev.engram.api.EngramException;

/** The label has the highest score. */
record HighestScore() implements AnswerRule {

    @Override
    public boolean isRight(float[] scores, int label) {
        if (label < 0 || label >= scores.length) {
            throw new EngramException(
                    "the label %s is none of the %s classes that have a score"
                            .formatted(label, scores.length));
        }
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        return best == label;
    }
}
