package dev.engram.djl.internal.check;

import ai.djl.training.loss.Loss;

/** A loss that stands before the user's, for as long as a trainer trains. */
public interface WrappedLoss {

    /** Returns the user's loss. */
    Loss own();

    /** Returns the user's loss, whether or not one stands before it. */
    static Loss own(Loss loss) {
        return loss instanceof WrappedLoss wrapped ? wrapped.own() : loss;
    }
}
