package dev.engram.examples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;
import dev.engram.kit.autograd.Scaled;

/**
 * Half the mean squared distance: what DJL's {@code L2Loss} computes, without its number inside
 * autograd, whose memory the garbage collector may free before the backward pass.
 */
final class HalfSquares extends Loss {

    HalfSquares() {
        super("HalfSquares");
    }

    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        NDArray expected = labels.head().reshape(predictions.head().getShape());
        return Scaled.by(0.5, expected.sub(predictions.head()).square().mean());
    }
}
