package dev.engram.synapticintelligence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.training.Trainer;
import dev.engram.api.InvalidOptionException;
import dev.engram.djl.ForgettingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathIntegralImportanceTest {

    private static final double XI = 0.01;

    /** Plain descent: Δθ = -r g, so ω = Σ r g² and Ω = ω / (Δ² + ξ). One step is the last step. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 15})
    void theImportanceOnAQuadraticEqualsItsClosedFormAndCountsTheLastStep(int steps) {
        float[] found = importance(1, 0, steps);
        for (int i = 0; i < 2; i++) {
            double expected = expected(i, 1, 0, steps);
            assertThat((double) found[i]).isEqualTo(expected, within(1e-5 * expected));
            double withoutLast = expected(i, 1, 0, steps - 1);
            assertThat(Math.abs(withoutLast - expected))
                    .as("the tolerance would notice a lost step")
                    .isGreaterThan(1e-4 * expected);
        }
    }

    @Test
    void stepsOfSeveralEpochsMakeOnePath() {
        Captured captured = captured();
        try (Model model = Quadratic.model();
                ForgettingListener listener = listener(captured)) {
            try (Trainer trainer = Quadratic.trainer(model, listener)) {
                Quadratic.epoch(trainer, 3);
                Quadratic.epoch(trainer, 1);
                Quadratic.epoch(trainer, 4);
            }
        }
        assertExpected(captured.found().get("weight"), 1, 0, 8);
    }

    @Test
    void aTaskEndedWithinAnEpochCountsItsLastStep() {
        Captured captured = captured();
        try (Model model = Quadratic.model();
                ForgettingListener listener = listener(captured);
                Trainer trainer = Quadratic.trainer(model, listener)) {
            Quadratic.steps(trainer, 5);
            listener.endTask();
        }
        assertExpected(captured.found().get("weight"), 1, 0, 5);
    }

    /** The weights move by what all guards made of the gradient; g stays the batch's own. */
    @Test
    void theGradientIsTheTasksOwnWhateverOtherGuardsMakeOfIt() {
        assertExpected(importance(1, 0.7, 10), 1, 0.7, 10);
    }

    @Test
    void aStrongPenaltyDoesNotCountAsTheTasksOwnGradient() {
        Captured captured = captured();
        try (Model model = Quadratic.model();
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy("si", java.util.Map.of("lambda", 8, "renew-every", 1))
                                .addGuard(captured)
                                .build()) {
            listener.remember(model);
            try (Trainer trainer = Quadratic.trainer(model, listener)) {
                Quadratic.epoch(trainer, 6);
            }
        }
        for (int i = 0; i < 2; i++) {
            double theta = Quadratic.START[i];
            double omega = 0;
            for (int t = 0; t < 6; t++) {
                double g = Quadratic.gradient(i, theta);
                double move = -Quadratic.RATE * (g + 8 * (theta - Quadratic.START[i]));
                omega -= g * move;
                theta += move;
            }
            double way = theta - Quadratic.START[i];
            double expected = omega / (way * way + XI);
            assertThat((double) captured.found().get("weight")[i])
                    .isEqualTo(expected, within(1e-5 * expected));
        }
    }

    @Test
    void movesThatRaiseTheLossCountAsZeroAndNeverAsNegative() {
        assertThat(importance(-1, 0, 10)).containsExactly(0f, 0f);
        assertThat(expected(0, -1, 0, 10)).isNegative();
    }

    /** Early stopping: the user puts the best weights back before the trainer closes. */
    @Test
    void weightsThatAreSetAfterAnEpochAreNoStepOfThePath() {
        Captured captured = captured();
        try (Model model = Quadratic.model();
                ForgettingListener listener = listener(captured)) {
            try (Trainer trainer = Quadratic.trainer(model, listener)) {
                Quadratic.epoch(trainer, 4);
                Quadratic.place(model, 5, 5);
            }
        }
        for (int i = 0; i < 2; i++) {
            double way = 5 - Quadratic.START[i];
            double expected = omega(i, 1, 0, 4)[0] / (way * way + XI);
            assertThat((double) captured.found().get("weight")[i])
                    .isEqualTo(expected, within(1e-5 * expected));
        }
    }

    @Test
    void aSecondTaskBeginsAtZero() {
        Captured captured = captured();
        try (Model model = Quadratic.model();
                ForgettingListener listener = listener(captured)) {
            for (int task = 0; task < 2; task++) {
                Quadratic.place(model, Quadratic.START);
                try (Trainer trainer = Quadratic.trainer(model, listener)) {
                    Quadratic.epoch(trainer, 6);
                }
            }
        }
        assertExpected(captured.found().get("weight"), 1, 0, 6);
    }

    @Test
    void aDampingThatIsNotAboveZeroIsRefused() {
        for (double damping : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> PathIntegralImportance.builder().optDamping(damping).build())
                    .isInstanceOf(InvalidOptionException.class)
                    .hasMessageContaining("optDamping(" + damping + ")");
        }
    }

    private static float[] importance(double factor, double shift, int steps) {
        Captured captured = captured();
        try (Model model = Quadratic.model();
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addGuard(new GradientShift(factor, shift))
                                .addGuard(captured)
                                .build()) {
            try (Trainer trainer = Quadratic.trainer(model, listener)) {
                Quadratic.epoch(trainer, steps);
            }
        }
        return captured.found().get("weight");
    }

    private static void assertExpected(float[] found, double factor, double shift, int steps) {
        for (int i = 0; i < 2; i++) {
            double expected = expected(i, factor, shift, steps);
            assertThat((double) found[i]).isEqualTo(expected, within(1e-5 * Math.abs(expected)));
        }
    }

    private static double expected(int element, double factor, double shift, int steps) {
        double[] result = omega(element, factor, shift, steps);
        double way = result[1] - Quadratic.START[element];
        return result[0] / (way * way + XI);
    }

    /** Returns ω and where the descent ends. */
    private static double[] omega(int element, double factor, double shift, int steps) {
        double theta = Quadratic.START[element];
        double omega = 0;
        for (int t = 0; t < steps; t++) {
            double g = Quadratic.gradient(element, theta);
            double move = -Quadratic.RATE * (factor * g + shift);
            omega += -g * move;
            theta += move;
        }
        return new double[] {omega, theta};
    }

    private static Captured captured() {
        return new Captured(PathIntegralImportance.builder().optDamping(XI).build());
    }

    private static ForgettingListener listener(Captured captured) {
        return ForgettingListener.builder().addGuard(captured).build();
    }
}
