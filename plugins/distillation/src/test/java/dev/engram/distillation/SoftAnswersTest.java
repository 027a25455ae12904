package dev.engram.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Learning without forgetting's loss, by hand. */
class SoftAnswersTest {

    private static final float LN3 = (float) Math.log(3);
    private static final float LN2 = (float) Math.log(2);

    /**
     * T = 2, teacher (2 ln 3, 0), model (0, 0): softened (3/4, 1/4) against (1/2, 1/2); 4 KL = 4
     * (3/4 ln 3/2 + 1/4 ln 1/2) = 0.5232.
     */
    @Test
    void aWorkedExample() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray teacher = row(manager, 2 * LN3, 0);
            NDArray own = row(manager, 0, 0);
            double expected = 4 * (0.75 * Math.log(1.5) + 0.25 * Math.log(0.5));
            assertThat(expected).isCloseTo(0.5232, within(1e-4));
            assertThat(distance(teacher, own, List.of(), manager))
                    .isCloseTo(expected, within(1e-6));
            assertThat(distance(teacher, teacher, List.of(), manager)).isZero();
        }
    }

    /** The gradient is T (q − p) / N: 2 · (1/2 − 3/4, 1/2 − 1/4) for one sample of one. */
    @Test
    void itsGradientIsTheDifferenceOfProbabilitiesTimesTheTemperature() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray teacher = row(manager, 2 * LN3, 0);
            NDArray own = row(manager, 0, 0);
            own.setRequiresGradient(true);
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                collector.backward(SoftAnswers.distance(teacher, own, List.of(), 2, manager));
            }
            assertThat(own.getGradient().toFloatArray())
                    .containsExactly(new float[] {-0.5f, 0.5f}, within(1e-6f));
        }
    }

    /**
     * Two tasks of two classes each: the first pair's probabilities are (3/4, 1/4) against (1/2,
     * 1/2), the second's (2/3, 1/3) against the same; the mean of the two.
     */
    @Test
    void eachTasksClassesAreProbabilitiesAmongThemselves() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray teacher = row(manager, 2 * LN3, 0, 2 * LN2, 0);
            NDArray own = row(manager, 5, 5, -7, -7);
            List<NDArray> masks =
                    List.of(
                            manager.create(new float[] {0, 0, -1e9f, -1e9f}),
                            manager.create(new float[] {-1e9f, -1e9f, 0, 0}));
            double first = 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5);
            double second = 2 * Math.log(4 / 3.0) / 3 + Math.log(2 / 3.0) / 3;
            assertThat(distance(teacher, own, masks, manager))
                    .isCloseTo(4 * (first + second) / 2, within(1e-5));
        }
    }

    @Test
    void outputsThatTheTeacherHasNotAreFree() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray teacher = row(manager, 1, 2);
            NDArray own = row(manager, 1, 2, 99);
            assertThat(distance(teacher, own, List.of(), manager)).isZero();
        }
    }

    @Test
    void eachTokenOfASequenceCounts() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray teacher = manager.create(new float[] {2 * LN3, 0, 0, 0}, new Shape(1, 2, 2));
            NDArray own = manager.zeros(new Shape(1, 2, 2));
            double first = 4 * (0.75 * Math.log(1.5) + 0.25 * Math.log(0.5));
            assertThat(distance(teacher, own, List.of(), manager))
                    .isCloseTo(first / 2, within(1e-6));
        }
    }

    private static NDArray row(NDManager manager, float... values) {
        return manager.create(values, new Shape(1, values.length));
    }

    private static double distance(
            NDArray teacher, NDArray own, List<NDArray> masks, NDManager manager) {
        return SoftAnswers.distance(teacher, own, masks, 2, manager).getFloat();
    }
}
