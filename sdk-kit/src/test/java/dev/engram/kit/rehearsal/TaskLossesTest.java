package dev.engram.kit.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import dev.engram.api.replay.ReplayedBatch;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TaskLossesTest {

    private static final float[] OUTPUTS = {1, 2, 3, 0, -1, 2, 1, 0.5f};

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void aUsersMaskIsNotThePlainLossThoughItsClassAndNameSaySo() {
        assertThat(mean(new Masked(0), new Masked(2)))
                .isCloseTo(
                        (alone(new Masked(0), 0, 0) + alone(new Masked(2), 1, 3)) / 2,
                        within(1e-6f));
    }

    @Test
    void plainLossesOfOneNameMayHaveOtherWeights() {
        Loss heavy = new SoftmaxCrossEntropyLoss("SoftmaxCrossEntropyLoss", 3, -1, true, true);
        Loss plain = Loss.softmaxCrossEntropyLoss();
        assertThat(mean(plain, heavy))
                .isCloseTo((alone(plain, 0, 0) + alone(heavy, 1, 3)) / 2, within(1e-6f));
    }

    @Test
    void whatIsBuiltAlikeIsOneLossAndNothingElse() {
        assertThat(PlainCrossEntropy.isOfClasses(Loss.softmaxCrossEntropyLoss(), manager)).isTrue();
        Loss heavy = new SoftmaxCrossEntropyLoss("heavy", 3, -1, true, true);
        assertThat(PlainCrossEntropy.isOfClasses(heavy, manager)).isTrue();
        Loss ofLogarithms = new SoftmaxCrossEntropyLoss("s", 1, -1, true, false);
        assertThat(PlainCrossEntropy.isOfClasses(ofLogarithms, manager)).isFalse();
        Loss ofShares = new SoftmaxCrossEntropyLoss("s", 1, -1, false, true);
        assertThat(PlainCrossEntropy.isOfClasses(ofShares, manager)).isFalse();
        assertThat(PlainCrossEntropy.isOfClasses(new Masked(0), manager)).isFalse();
    }

    private float mean(Loss first, Loss second) {
        TaskLosses losses = new TaskLosses();
        losses.begin("one", first, manager);
        losses.begin("two", second, manager);
        NDArray labels = manager.create(new long[] {0, 3});
        NDArray outputs = manager.create(OUTPUTS, new Shape(2, 4));
        return losses.evaluate(new NDList(outputs), new Two(new NDList(labels), manager))
                .getFloat();
    }

    private float alone(Loss loss, int row, long label) {
        NDArray outputs = manager.create(OUTPUTS, new Shape(2, 4)).get(row + ":" + (row + 1));
        NDArray labels = manager.create(new long[] {label});
        return loss.evaluate(new NDList(labels), new NDList(outputs)).getFloat();
    }

    /** Sees two outputs, from the first on. */
    private static final class Masked extends SoftmaxCrossEntropyLoss {

        private final int first;

        Masked(int first) {
            this.first = first;
        }

        @Override
        public NDArray evaluate(NDList labels, NDList predictions) {
            NDArray outputs = predictions.head();
            NDArray mask = outputs.getManager().full(new Shape(4), -1e9f);
            mask.set(new NDIndex(first + ":" + (first + 2)), 0);
            return super.evaluate(labels, new NDList(outputs.add(mask)));
        }
    }

    private record Two(NDList labels, NDManager manager) implements ReplayedBatch {

        @Override
        public List<String> tasks() {
            return List.of("one", "two");
        }

        @Override
        public NDList data() {
            return new NDList();
        }

        @Override
        public NDList predictions() {
            return new NDList();
        }

        @Override
        public int size() {
            return 2;
        }
    }
}
