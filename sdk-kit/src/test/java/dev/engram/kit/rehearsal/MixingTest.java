package dev.engram.kit.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.engram.api.InvalidOptionException;
import org.junit.jupiter.api.Test;

class MixingTest {

    @Test
    void eightNewToTwoEarlierHoldsForAnyBatchSize() {
        for (int fresh : new int[] {1, 3, 8, 100, 128}) {
            Mixing mixing = Mixing.fixed(0.2);
            int earlier = 0;
            for (int step = 1; step <= 1000; step++) {
                earlier += mixing.count(step, fresh);
            }
            assertThat(earlier).isBetween(250 * fresh - 2, 250 * fresh);
        }
    }

    @Test
    void linearAndCosineMeetTheirEndsAndTheMiddle() {
        Mixing linear = Mixing.changing(Mixing.Course.LINEAR, 0.1, 0.5, 100);
        assertThat(linear.share(1)).isEqualTo(0.1);
        assertThat(linear.share(26)).isCloseTo(0.2, within(1e-12));
        assertThat(linear.share(101)).isCloseTo(0.5, within(1e-12));
        assertThat(linear.share(5000)).isCloseTo(0.5, within(1e-12));
        Mixing cosine = Mixing.changing(Mixing.Course.COSINE, 0.5, 0.1, 100);
        assertThat(cosine.share(1)).isEqualTo(0.5);
        assertThat(cosine.share(26)).isCloseTo(0.5 - 0.4 * (1 - Math.sqrt(0.5)) / 2, within(1e-12));
        assertThat(cosine.share(51)).isCloseTo(0.3, within(1e-12));
        assertThat(cosine.share(101)).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void progressFollowsTheLossAndEachTaskBeginsAnew() {
        Mixing mixing = Mixing.changing(Mixing.Course.PROGRESS, 0.2, 0.6, 1);
        assertThat(mixing.share(1)).isEqualTo(0.2);
        mixing.onEpoch(2.0);
        assertThat(mixing.share(10)).isEqualTo(0.2);
        mixing.onEpoch(0.5);
        assertThat(mixing.share(20)).isCloseTo(0.5, within(1e-12));
        mixing.onEpoch(3.0);
        assertThat(mixing.share(30)).isEqualTo(0.2);
        mixing.onEpoch(0.5);
        mixing.onTaskBegin();
        assertThat(mixing.share(1)).isEqualTo(0.2);
    }

    @Test
    void aShareOfOneOrMoreIsRefused() {
        assertThatThrownBy(() -> Mixing.fixed(1))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("1.0");
    }
}
