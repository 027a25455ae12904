package dev.engram.quickstart.memory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.Loss;

/** A language model that is small enough to be kept: it tells the next token by the last one. */
final class NextTokens {

    private NextTokens() {}

    static Block model(int vocabulary) {
        return new SequentialBlock()
                .add(
                        LambdaBlock.singleton(
                                ids -> ids.toType(DataType.INT64, false).oneHot(vocabulary)))
                .add(Linear.builder().setUnits(4).build())
                .add(Activation.tanhBlock())
                .add(Linear.builder().setUnits(vocabulary).build());
    }

    /** Returns the token behind each; behind the last of a row is its first. */
    static NDArray of(NDArray ids) {
        return ids.get(new NDIndex(":,1:")).concat(ids.get(new NDIndex(":,0:1")), 1);
    }

    static Loss loss() {
        return new Each();
    }

    private static final class Each extends Loss {

        private final Loss one = softmaxCrossEntropyLoss();

        Each() {
            super("tokens");
        }

        @Override
        public NDArray evaluate(NDList labels, NDList predictions) {
            NDArray scores = predictions.head();
            return one.evaluate(
                    new NDList(labels.head().flatten()),
                    new NDList(scores.reshape(-1, scores.getShape().get(2))));
        }
    }
}
