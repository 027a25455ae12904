package dev.engram.onnx.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairedComparisonTest {

    private static final Offset<Double> FOUR_DIGITS = within(5e-5);

    /** Newcombe 1998 gives 0.0569 to 0.3404 and 0.0562 to 0.3292, two-sided at 95 %. */
    @ParameterizedTest
    @CsvSource({"36, 12, 2, 50, 0.0569, 0.3404", "20, 12, 2, 50, 0.0562, 0.3292"})
    void boundsAreThosePublished(
            int both, int lost, int gained, int size, double lower, double upper) {
        PairedComparison seen = PairedComparison.of("a", both, lost, gained, size);
        assertThat(seen.fall()).isEqualTo(0.2, FOUR_DIGITS);
        assertThat(seen.fallAtLeast(0.975)).isEqualTo(lower, FOUR_DIGITS);
        assertThat(seen.fallAtMost(0.975)).isEqualTo(upper, FOUR_DIGITS);
    }

    @Test
    void mcNemarIsExact() {
        // P(X >= 5 of 6), fair: (6 + 1) / 64
        assertThat(PairedComparison.of("a", 10, 5, 1, 20).chanceOfSuchLosses())
                .isEqualTo(7 / 64.0, within(1e-12));
        assertThat(PairedComparison.of("a", 10, 0, 0, 20).chanceOfSuchLosses()).isEqualTo(1);
    }

    @Test
    void theSameAnswersNeverFell() {
        for (int both : new int[] {0, 1, 50, 99, 100}) {
            PairedComparison seen = PairedComparison.of("a", both, 0, 0, 100);
            assertThat(seen.verdict(RetentionLimit.points(0, 0.51))).isNotEqualTo(Verdict.FELL);
        }
        PairedComparison many = PairedComparison.of("a", 9_000, 0, 0, 10_000);
        assertThat(many.verdict(RetentionLimit.points(1, 0.99))).isEqualTo(Verdict.HELD);
    }

    @Test
    void fewSamplesDecideNothing() {
        PairedComparison few = PairedComparison.of("a", 7, 2, 1, 10);
        RetentionLimit limit = RetentionLimit.points(5, 0.95);
        assertThat(few.verdict(limit)).isEqualTo(Verdict.UNDECIDED);
        assertThat(limit.isBrokenBy(few)).isFalse();
        assertThat(limit.withProof().isBrokenBy(few)).isTrue();
    }

    /** A model that fell by exactly what is allowed must seldom be accused, at any setting. */
    @ParameterizedTest
    @CsvSource({
        "100, 0.10, 0.10",
        "300, 0.08, 0.05",
        "1000, 0.03, 0.01",
        "300, 0.02, 0.00",
        "2000, 0.30, 0.28",
        "100, 0.25, 0.05"
    })
    void falseAlarmsAreAsRareAsStated(int size, double losing, double gaining) {
        RetentionLimit limit = RetentionLimit.points(100 * (losing - gaining), 0.95);
        Random random = new Random(size);
        int alarms = 0;
        int rounds = 4_000;
        for (int round = 0; round < rounds; round++) {
            alarms += sample(size, losing, gaining, random).verdict(limit) == Verdict.FELL ? 1 : 0;
        }
        assertThat((double) alarms / rounds).isLessThan(0.07);
    }

    private static PairedComparison sample(int size, double losing, double gaining, Random random) {
        int lost = 0;
        int gained = 0;
        int both = 0;
        for (int i = 0; i < size; i++) {
            double at = random.nextDouble();
            lost += at < losing ? 1 : 0;
            gained += at >= losing && at < losing + gaining ? 1 : 0;
            both += at >= losing + gaining && at < 0.9 ? 1 : 0;
        }
        return PairedComparison.of("a", both, lost, gained, size);
    }

    @Test
    void aRealFallIsFound() {
        Random random = new Random(1);
        RetentionLimit limit = RetentionLimit.points(1, 0.95);
        int found = 0;
        for (int round = 0; round < 500; round++) {
            found += sample(500, 0.08, 0.02, random).verdict(limit) == Verdict.FELL ? 1 : 0;
        }
        assertThat(found).isGreaterThan(450);
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> RetentionLimit.points(-1, 0.95)).hasMessageContaining("-1");
        assertThatThrownBy(() -> RetentionLimit.points(1, 95)).hasMessageContaining("95");
        Answers two = Answers.of("a", true, false);
        assertThatThrownBy(() -> two.comparedWith(Answers.of("a", true)))
                .hasMessageContaining("same samples");
        assertThatThrownBy(() -> two.comparedWith(Answers.of("b", true, true)))
                .hasMessageContaining("of b");
    }
}
