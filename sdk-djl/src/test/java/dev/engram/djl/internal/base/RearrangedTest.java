package dev.engram.djl.internal.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RearrangedTest {

    @Test
    void aRowOfFeaturesIsCutAndPastedInItsPlaces() {
        float[] rows = {0, 1, 2, 3, 10, 11, 12, 13};
        Rearranged pieces = new Rearranged(rows, new int[] {4});
        for (int seed = 0; seed < 50; seed++) {
            float[] made = pieces.cutAndPasted(new SplittableRandom(seed));
            for (int i = 0; i < 4; i++) {
                assertThat(made[i] % 10).isEqualTo(i);
            }
        }
    }

    @Test
    void aPictureKeepsItsPlanesApart() {
        float[] rows = new float[2 * 3 * 4 * 5];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i / 20 % 3;
        }
        Rearranged pieces = new Rearranged(rows, new int[] {3, 4, 5});
        for (int seed = 0; seed < 50; seed++) {
            float[] made = pieces.cutAndPasted(new SplittableRandom(seed));
            for (int i = 0; i < made.length; i++) {
                assertThat((int) made[i]).isEqualTo(i / 20);
            }
        }
    }

    @Test
    void noSampleIsMadeAsAWhole() {
        float[] rows = {0, 1, 2, 10, 11, 12, 20, 21, 22};
        Rearranged pieces = new Rearranged(rows, new int[] {3});
        for (int seed = 0; seed < 200; seed++) {
            assertThat(pieces.hold(pieces.cutAndPasted(new SplittableRandom(seed)))).isFalse();
        }
        assertThat(pieces.hold(new float[] {10, 11, 12})).isTrue();
        assertThat(pieces.hold(new float[] {10, 11, 13})).isFalse();
    }

    @Test
    void whatIsShuffledHasEachNumberFromItsPlaceInSomeSample() {
        float[] rows = new float[64 * 6];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i;
        }
        float[] made = new Rearranged(rows, new int[] {6}).shuffled(new SplittableRandom(1));
        for (int i = 0; i < 6; i++) {
            assertThat((int) made[i] % 6).isEqualTo(i);
        }
        assertThat(
                        Arrays.stream(new int[] {0, 1, 2, 3, 4, 5})
                                .map(i -> (int) made[i] / 6)
                                .distinct())
                .hasSizeGreaterThan(2);
    }

    @Test
    void featuresOfOwnScalesKeepThemAndPixelsShareOne() {
        float[] rows = new float[100 * 3];
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < rows.length; i += 3) {
            rows[i] = (float) random.nextDouble();
            rows[i + 1] = (float) (1000 * random.nextDouble());
            rows[i + 2] = (float) random.nextDouble();
        }
        InputRange own = InputRange.of(rows, 100, true);
        assertThat(own.high[0]).isLessThan(1);
        assertThat(own.high[1]).isGreaterThan(900);
        InputRange shared = InputRange.of(rows, 100, false);
        assertThat(shared.high[0]).isEqualTo(shared.high[1]);
        for (float value : own.noise(random)) {
            assertThat(value).isBetween(0f, 1000f);
        }
        assertThat(own.noise(random)[0]).isLessThan(1);
    }
}
