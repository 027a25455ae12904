package dev.engram.benchmark.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;

/** The mean over the tokens of all samples; DJL's own takes one label a sample. */
final class TokenLoss extends Loss {

    private final Loss each = softmaxCrossEntropyLoss();

    TokenLoss() {
        super("tokens");
    }

    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        NDArray scores = predictions.head();
        return each.evaluate(
                new NDList(labels.head().flatten()),
                new NDList(scores.reshape(-1, scores.getShape().get(2))));
    }
}
