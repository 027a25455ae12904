package dev.engram.sleep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProbeResultTest {

    @Test
    void aWorkedExampleOfTheSignTest() {
        // 8 of 9 changed answers are better: (C(9,8) + C(9,9)) / 2^9.
        ProbeResult result = result(100, 8, 1);
        assertThat(result.chanceOfRise()).isCloseTo(10.0 / 512, within(1e-12));
        assertThat(result.chanceOfFall()).isCloseTo(511.0 / 512, within(1e-12));
        assertThat(result.after() - result.before()).isCloseTo(0.07, within(1e-12));
    }

    @Test
    void noChangeIsNeitherRiseNorFall() {
        ProbeResult result = result(100, 0, 0);
        assertThat(result.rose(0.5)).isFalse();
        assertThat(result.fell(0.5, 0)).isFalse();
    }

    @Test
    void aFallBeyondTheMarginIsOneEvenIfChanceCouldDoIt() {
        ProbeResult result = result(100, 0, 2);
        assertThat(result.fell(0.05, 0.01)).isTrue();
        assertThat(result.fell(0.05, 0.03)).isFalse();
    }

    @Test
    void aFallWithinTheMarginThatIsNoChanceIsOne() {
        assertThat(result(1000, 0, 6).fell(0.05, 0.01)).isTrue();
    }

    @Test
    void whatIsNotANumberFell() {
        double[] before = {1, 1, 0};
        double[] after = {Double.NaN, 1, 1};
        assertThat(ProbeResult.of("t", before, after).fell(0.05, 1)).isTrue();
    }

    @Test
    void ofManyProbesOneMayNotRiseByChance() {
        List<ProbeResult> one = List.of(result(100, 8, 1));
        List<ProbeResult> many = List.of(result(100, 8, 1), result(100, 0, 0), result(100, 1, 1));
        assertThat(Verdict.of(one, 0.05, 0.01).isAccepted()).isTrue();
        assertThat(Verdict.of(many, 0.05, 0.01).isAccepted()).isFalse();
    }

    /** Of samples some were won, some lost, and the others answered rightly before and after. */
    private static ProbeResult result(int size, int won, int lost) {
        double[] before = new double[size];
        double[] after = new double[size];
        Arrays.fill(before, 1);
        Arrays.fill(after, 1);
        Arrays.fill(before, 0, won, 0);
        Arrays.fill(after, won, won + lost, 0);
        return ProbeResult.of("task", before, after);
    }
}
