package dev.engram.generativereplay.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SieveTest {

    private static final int NONE = -1;

    @Test
    void perplexityIsTheGeometricMeanOfWhatTheModelWasUndecidedBetween() {
        float half = (float) Math.log(0.5);
        float eighth = (float) Math.log(0.125);
        Text text = new Text(new int[] {3, 1, 2}, new float[] {half, eighth}, new float[1]);
        assertThat(text.perplexity(NONE)).isCloseTo(4, within(1e-5));
    }

    @Test
    void paddingCountsForNothing() {
        float half = (float) Math.log(0.5);
        int[] tokens = {3, 1, 0, 0, 0, 0, 0};
        float[] likelihoods = {half, half, 0, 0, 0, 0};
        Text text = new Text(tokens, likelihoods, new float[1]);
        assertThat(text.perplexity(0)).isCloseTo(2, within(1e-5));
        assertThat(text.repeated(2, NONE)).isCloseTo(1 - 3.0 / 6, within(1e-9));
        assertThat(text.repeated(2, 0)).isZero();
    }

    @Test
    void ofSixRunsThreeThatWereThereBeforeAreHalf() {
        assertThat(text(1, 1, 2, 3, 1, 2, 3, 1, 2).repeated(3, NONE)).isCloseTo(0.5, within(1e-9));
        assertThat(text(1, 1, 2, 3, 4, 5).repeated(3, NONE)).isZero();
        assertThat(text(1, 1, 2).repeated(3, NONE)).isZero();
    }

    @Test
    void aTextThatRepeatsItselfGoes() {
        Text repeats = text(1, 1, 2, 3, 1, 2, 3, 1, 2);
        Text says = text(1, 1, 2, 3, 4, 5, 6, 7, 8);
        Sieve.Left left = new Sieve(0, 3, 0.4, 1, NONE).of(List.of(repeats, says));
        assertThat(left.texts()).containsExactly(says);
        assertThat(left.repetitive()).isOne();
        assertThat(new Sieve(0, 3, 0.5, 1, NONE).of(List.of(repeats, says)).texts()).hasSize(2);
    }

    /** Runs of two: 12 23 34 45 and 12 23 34 46 have three of five in common. */
    @Test
    void ofTwoThatSayNearlyTheSameTheFirstStays() {
        Text first = text(1, 1, 2, 3, 4, 5);
        Text second = text(1, 1, 2, 3, 4, 6);
        Sieve.Left left = new Sieve(0, 2, 1, 0.59, NONE).of(List.of(first, second, first));
        assertThat(left.texts()).containsExactly(first);
        assertThat(left.doubled()).isEqualTo(2);
        assertThat(new Sieve(0, 2, 1, 0.6, NONE).of(List.of(first, second)).texts()).hasSize(2);
    }

    @Test
    void theShareThatTheModelFindsLeastLikelyGoes() {
        List<Text> texts = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            texts.add(text((i * 7) % 10 + 1, i, i + 20, i + 40));
        }
        Sieve.Left left = new Sieve(0.25, 2, 1, 1, NONE).of(texts);
        assertThat(left.unlikely()).isEqualTo(2);
        assertThat(left.texts()).hasSize(8).doesNotContain(texts.get(7), texts.get(4));
        assertThat(left.texts()).isSubsetOf(texts);
    }

    /** Returns a text of tokens that were each as likely as one of so many. */
    private static Text text(int undecided, int... tokens) {
        float[] likelihoods = new float[tokens.length - 1];
        Arrays.fill(likelihoods, (float) -Math.log(undecided));
        return new Text(tokens, likelihoods, new float[1]);
    }
}
