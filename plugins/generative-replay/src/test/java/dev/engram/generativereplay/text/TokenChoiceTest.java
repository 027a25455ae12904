package dev.engram.generativereplay.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TokenChoiceTest {

    private static final double[] PROBABILITIES = {0.5, 0.05, 0.3, 0.15};
    private static final int TEXTS = 20_000;

    @Test
    void tokensComeAsOftenAsTheModelSays() {
        assertThat(shares(new TokenChoice(1, 0))).containsExactly(PROBABILITIES, within(0.015));
    }

    @Test
    void amongTheLikeliestTheyComeInProportion() {
        double[] wanted = {0.5 / 0.8, 0, 0.3 / 0.8, 0};
        assertThat(shares(new TokenChoice(1, 2))).containsExactly(wanted, within(0.015));
        assertThat(chosen(new TokenChoice(1, 1))).containsOnly(0);
    }

    @Test
    void aTemperatureOfTwoTakesRootsOfTheProbabilities() {
        double[] roots = Arrays.stream(PROBABILITIES).map(Math::sqrt).toArray();
        double sum = Arrays.stream(roots).sum();
        double[] wanted = Arrays.stream(roots).map(root -> root / sum).toArray();
        assertThat(shares(new TokenChoice(2, 0))).containsExactly(wanted, within(0.015));
    }

    @Test
    void theSameSeedChoosesTheSame() {
        assertThat(chosen(new TokenChoice(1, 3))).isEqualTo(chosen(new TokenChoice(1, 3)));
    }

    @Test
    void scoresThatAreNoNumbersAreRefused() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray scores = manager.create(new float[] {0, Float.NaN}, new Shape(1, 2));
            assertThatThrownBy(() -> new TokenChoice(1, 0).of(scores, new SplittableRandom(1)))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("not finite");
        }
    }

    private static double[] shares(TokenChoice choice) {
        double[] shares = new double[PROBABILITIES.length];
        for (int token : chosen(choice)) {
            shares[token] += 1.0 / TEXTS;
        }
        return shares;
    }

    private static int[] chosen(TokenChoice choice) {
        try (NDManager manager = NDManager.newBaseManager()) {
            float[] scores = new float[TEXTS * PROBABILITIES.length];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = (float) Math.log(PROBABILITIES[i % PROBABILITIES.length]) + 7;
            }
            NDArray all = manager.create(scores, new Shape(TEXTS, PROBABILITIES.length));
            return choice.of(all, new SplittableRandom(1));
        }
    }
}
