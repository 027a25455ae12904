package dev.engram.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.engram.scenarios.images.DrawnDigits;
import dev.engram.scenarios.images.Images;
import dev.engram.scenarios.images.TrainAndTest;
import org.junit.jupiter.api.Test;

/** Images that are turned. */
class RotatedTest {

    private static final Images SQUARE =
            new Images(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, new int[] {0}, 3, 3);

    @Test
    void aQuarterMovesTheCornersAndFourAreNone() {
        float[] turned = SQUARE.rotate(90, new int[] {7}).pixels();
        assertThat(turned).containsExactly(new float[] {3, 6, 9, 2, 5, 8, 1, 4, 7}, within(1e-5f));
        assertThat(SQUARE.rotate(90, new int[] {7}).labels()).containsExactly(7);
        assertThat(SQUARE.rotate(360, SQUARE.labels()).pixels())
                .containsExactly(SQUARE.pixels(), within(1e-5f));
    }

    @Test
    void whatComesFromOutsideIsEmpty() {
        float[] turned = SQUARE.rotate(45, SQUARE.labels()).pixels();
        assertThat(turned[4]).isCloseTo(5, within(1e-5f));
        assertThat(turned[0]).isLessThan(3);
    }

    @Test
    void anglesAreOfTheSeedAndDifferFromTaskToTask() {
        TrainAndTest digits = DrawnDigits.draw(20, 10, 1);
        TaskSequence one = TaskSequence.rotated(digits, Scenario.DOMAIN, 6, 1);
        assertThat(one.names()).doesNotHaveDuplicates().hasSize(6);
        assertThat(TaskSequence.rotated(digits, Scenario.DOMAIN, 6, 1).names())
                .isEqualTo(one.names());
        assertThat(TaskSequence.rotated(digits, Scenario.DOMAIN, 6, 2).names())
                .doesNotContainAnyElementsOf(one.names());
        assertThat(one.outputs()).isEqualTo(10);
        assertThat(one.task(1).train().labels()).isEqualTo(digits.train().labels());
        assertThat(one.task(1).train().pixels()).isNotEqualTo(one.task(2).train().pixels());
    }
}
