package dev.engram.synapticintelligence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.training.Trainer;
import dev.engram.djl.ForgettingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalkImportanceTest {

    private static final double ALPHA = 0.8;
    private static final double EPSILON = 0.05;
    private static final int INTERVAL = 3;

    /** 1: one unfinished stretch; 3: one whole; 8: two whole and one unfinished. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8})
    void theImportanceOnAQuadraticEqualsItsClosedForm(int steps) {
        float[] found = importance(1, steps);
        double[] fisher = new double[2];
        double[] score = new double[2];
        for (int i = 0; i < 2; i++) {
            double[] walked = walk(i, steps);
            fisher[i] = walked[0];
            score[i] = walked[1];
        }
        for (int i = 0; i < 2; i++) {
            double expected =
                    fisher[i] / Math.max(fisher[0], fisher[1])
                            + score[i] / Math.max(score[0], score[1]);
            assertThat((double) found[i]).isEqualTo(expected, within(1e-5));
        }
        assertThat(found[0]).isNotEqualTo(found[1]);
    }

    @Test
    void aWalkThatRaisesTheLossLeavesTheFisherAlone() {
        float[] found = importance(-1, 6);
        assertThat(found[0]).isEqualTo(1f, within(1e-6f));
        assertThat(found[1]).isBetween(0f, 1f);
    }

    @Test
    void wrongValuesAreRefused() {
        assertThatThrownBy(() -> WalkImportance.builder().optAverage(1).build())
                .hasMessageContaining("optAverage(1.0)");
        assertThatThrownBy(() -> WalkImportance.builder().optDamping(0).build())
                .hasMessageContaining("optDamping(0.0)");
        assertThatThrownBy(() -> WalkImportance.builder().optInterval(0).build())
                .hasMessageContaining("optInterval(0)");
    }

    private static float[] importance(double factor, int steps) {
        Captured captured =
                new Captured(
                        WalkImportance.builder()
                                .optAverage(ALPHA)
                                .optDamping(EPSILON)
                                .optInterval(INTERVAL)
                                .build());
        try (Model model = Quadratic.model();
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addGuard(new GradientShift(factor, 0))
                                .addGuard(captured)
                                .build()) {
            try (Trainer trainer = Quadratic.trainer(model, listener)) {
                Quadratic.epoch(trainer, steps);
            }
        }
        return captured.found().get("weight");
    }

    /** Returns F and s of one element, step by step as the paper has it. */
    private static double[] walk(int element, int steps) {
        double theta = Quadratic.START[element];
        double fisher = 0;
        double score = 0;
        double decrease = 0;
        double begin = theta;
        for (int t = 1; t <= steps; t++) {
            double g = Quadratic.gradient(element, theta);
            fisher = ALPHA * fisher + (1 - ALPHA) * g * g;
            decrease += Quadratic.RATE * g * g;
            theta -= Quadratic.RATE * g;
            if (t % INTERVAL == 0 || t == steps) {
                double corrected = fisher / (1 - Math.pow(ALPHA, t));
                double way = theta - begin;
                score += decrease / (0.5 * corrected * way * way + EPSILON);
                decrease = 0;
                begin = theta;
            }
        }
        return new double[] {fisher, score};
    }
}
