package dev.engram.averaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineTest {

    private static final NDList CLASSES = new NDList();

    @Test
    void aPointOnTheLineIsTheOldPlusTheShareOfTheWay() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Line line =
                    new Line(
                            Map.of("w", manager.create(new float[] {1, 2})),
                            Map.of("w", manager.create(new float[] {3, -2})));
            assertThat(line.at(0.25, manager).get("w").toFloatArray()).containsExactly(1.5f, 1f);
            assertThat(line.at(0, manager).get("w").toFloatArray()).containsExactly(1f, 2f);
            assertThat(line.at(1, manager).get("w").toFloatArray()).containsExactly(3f, -2f);
        }
    }

    @Test
    void ofWhatHasGrownTheOldBeginMovesAndWhatIsNewOrAnotherOrNoFractionStaysAsItIsNow() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray grown = manager.create(new float[] {7, 8, 9});
            Line line =
                    new Line(
                            Map.of(
                                    "grown", manager.create(new float[] {1, 2}),
                                    "other", manager.create(new float[] {1, 2, 3}),
                                    "count", manager.create(new long[] {2})),
                            Map.of(
                                    "grown", grown,
                                    "other", manager.create(new float[] {6, 6}),
                                    "count", manager.create(new long[] {5}),
                                    "added", manager.create(4f)));
            Map<String, NDArray> half = line.at(0.5, manager);
            assertThat(half.get("grown").toFloatArray()).containsExactly(4, 5, 9);
            assertThat(half.get("other").toFloatArray()).containsExactly(6, 6);
            assertThat(half.get("count").toLongArray()).containsExactly(5);
            assertThat(half.get("added").getFloat()).isEqualTo(4);
        }
    }

    @Test
    void eachElementMayHaveAShareOfItsOwn() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Line line =
                    new Line(
                            Map.of("w", manager.zeros(new Shape(3))),
                            Map.of("w", manager.create(new float[] {2, 4, 8})));
            NDArray shares = manager.create(new float[] {0, 0.5f, 1});
            assertThat(line.at(Map.of("w", shares), 0.5, manager).get("w").toFloatArray())
                    .containsExactly(0, 2, 8);
        }
    }

    @Test
    void eachElementOfTheOldBeginMayToo() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Line line =
                    new Line(
                            Map.of("w", manager.zeros(new Shape(2))),
                            Map.of("w", manager.create(new float[] {2, 4, 8})));
            NDArray shares = manager.create(new float[] {0, 0.5f, 0.5f});
            assertThat(line.at(Map.of("w", shares), 0.5, manager).get("w").toFloatArray())
                    .containsExactly(0, 2, 8);
        }
    }

    @Test
    void aSearchFindsTheLeastOfAParabolaAndIsNeverWorseThanTheBetterEnd() {
        assertThat(LineSearch.least(a -> (a - 0.37) * (a - 0.37))).isCloseTo(0.37, within(0.03));
        assertThat(LineSearch.least(a -> a)).isZero();
        assertThat(LineSearch.least(a -> -a)).isEqualTo(1);
        assertThat(LineSearch.least(a -> 3)).isEqualTo(1);
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            double[] rough = random.doubles(41).toArray();
            double found = LineSearch.least(a -> rough[(int) Math.round(40 * a)]);
            assertThat(rough[(int) Math.round(40 * found)])
                    .isLessThanOrEqualTo(Math.min(rough[0], rough[40]));
        }
    }

    @Test
    void theLowestShareIsWhereTheFirstBecomesUnacceptableFromTheNewWeightsDown() {
        assertThat(LineSearch.lowest(a -> a >= 0.37)).isBetween(0.37, 0.4);
        assertThat(LineSearch.lowest(a -> true)).isZero();
        assertThat(LineSearch.lowest(a -> a > 0.7 || a < 0.2)).isBetween(0.7, 0.73);
    }

    @Test
    void aLossThatIsNotFiniteIsNeverTheLeast() {
        assertThat(LineSearch.least(a -> a > 0.3 ? Double.NaN : 1 - a)).isBetween(0.25, 0.3);
    }

    /** p = (3/4, 1/4), q = (1/2, 1/2): KL = 3/4 ln 3/2 + 1/4 ln 1/2. */
    @Test
    void theDivergenceOfClassesIsThatOfTheirProbabilities() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray old = manager.create(new float[] {(float) Math.log(3), 0}, new Shape(1, 2));
            NDArray now = manager.create(new float[] {5, 5}, new Shape(1, 2));
            NDList labels = new NDList(manager.create(new float[] {1}));
            double expected = 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5);
            assertThat(of(Loss.softmaxCrossEntropyLoss(), labels, old, now))
                    .isCloseTo(expected, within(1e-6));
            assertThat(of(Loss.softmaxCrossEntropyLoss(), labels, old, old)).isZero();
        }
    }

    /** The same with labels that are one-hot: as probabilities, logits would be meaningless. */
    @Test
    void theDivergenceOfClassesIsTheSameWhereLabelsAreOneHot() {
        Loss loss = Loss.softmaxCrossEntropyLoss("one-hot", 1, -1, false, true);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray old = manager.create(new float[] {(float) Math.log(3), 0}, new Shape(1, 2));
            NDArray now = manager.create(new float[] {5, 5}, new Shape(1, 2));
            NDList labels = new NDList(manager.create(new float[] {0, 1}, new Shape(1, 2)));
            double expected = 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5);
            assertThat(of(loss, labels, old, now)).isCloseTo(expected, within(1e-6));
            assertThat(Divergence.areClasses(loss, labels, now)).isTrue();
            assertThat(Divergence.areClasses(Loss.l2Loss(), labels, now)).isFalse();
        }
    }

    @Test
    void outputsThatTheOldModelHadNotAreFree() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray old = manager.create(new float[] {1, 2}, new Shape(1, 2));
            NDArray now = manager.create(new float[] {1, 2, 99}, new Shape(1, 3));
            NDList labels = new NDList(manager.create(new float[] {2}));
            assertThat(of(Loss.softmaxCrossEntropyLoss(), labels, old, now)).isZero();
            assertThat(of(Loss.sigmoidBinaryCrossEntropyLoss(), CLASSES, old, now)).isZero();
            assertThat(of(Loss.l2Loss(), CLASSES, old, now)).isZero();
        }
    }

    /** p = 3/4, q = 1/2 of a label: the same number. */
    @Test
    void theDivergenceOfSeveralLabelsIsThatOfEach() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray old = manager.create(new float[] {(float) Math.log(3)}, new Shape(1, 1));
            NDArray now = manager.create(new float[] {0}, new Shape(1, 1));
            double expected = 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5);
            assertThat(of(Loss.sigmoidBinaryCrossEntropyLoss(), CLASSES, old, now))
                    .isCloseTo(expected, within(1e-6));
        }
    }

    @Test
    void theDivergenceOfNumbersIsTheLossItself() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray old = manager.create(new float[] {1, 2}, new Shape(2, 1));
            NDArray now = manager.create(new float[] {3, 2}, new Shape(2, 1));
            NDList labels = new NDList(manager.create(new float[] {0, 0}, new Shape(2, 1)));
            double loss = Loss.l2Loss().evaluate(new NDList(old), new NDList(now)).getFloat();
            assertThat(of(Loss.l2Loss(), labels, old, now)).isEqualTo(loss);
        }
    }

    private static double of(Loss loss, NDList labels, NDArray old, NDArray now) {
        return Divergence.of(loss, labels, new NDList(old), new NDList(now)).getFloat();
    }
}
