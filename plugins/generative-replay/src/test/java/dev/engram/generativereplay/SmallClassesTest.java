package dev.engram.generativereplay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Many classes, and of each a few samples: the first input tells the class, and the second is as
 * wide as all classes together say.
 */
class SmallClassesTest {

    private static final Task TASK = Task.named("many");
    private static final Task NEXT = Task.named("next");
    private static final float WIDTH = 2;

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void ofAHundredClassesOfADozenSamplesEachIsDrawn() {
        try (MixtureReplay source = MixtureReplay.builder().build()) {
            classes(100, 12).showTo(source);
            ReplayedBatch drawn = source.draw(NEXT, 2000, manager).get(0);
            float[] labels = drawn.labels().head().toFloatArray();
            float[] inputs = drawn.data().head().toFloatArray();
            Set<Float> seen = new TreeSet<>();
            for (int i = 0; i < labels.length; i++) {
                seen.add(labels[i]);
                assertThat(inputs[2 * i]).isCloseTo(labels[i], within(0.4f));
            }
            assertThat(seen).hasSize(100);
        }
    }

    /** Of five samples alone the deviation would be told wrong by a third, here by less. */
    @Test
    void classesOfFiveSamplesShareTheirDirections() {
        try (MixtureReplay source = MixtureReplay.builder().optSpread(1).build()) {
            classes(100, 5).showTo(source);
            ReplayedBatch drawn = source.draw(NEXT, 10_000, manager).get(0);
            float[] labels = drawn.labels().head().toFloatArray();
            float[] inputs = drawn.data().head().toFloatArray();
            double[] sums = new double[100];
            double[] squares = new double[100];
            int[] counts = new int[100];
            for (int i = 0; i < labels.length; i++) {
                int of = Math.round(labels[i]);
                sums[of] += inputs[2 * i + 1];
                squares[of] += inputs[2 * i + 1] * inputs[2 * i + 1];
                counts[of]++;
            }
            double all = 0;
            for (int of = 0; of < 100; of++) {
                double mean = sums[of] / counts[of];
                all += squares[of] / counts[of] - mean * mean;
            }
            // Draws are cut to the range of the few that were seen.
            assertThat(Math.sqrt(all / 100)).isBetween(0.55 * WIDTH, 1.1 * WIDTH);
        }
    }

    @Test
    void classesOfFewerThanFiveAreNotKept() {
        try (MixtureReplay source = MixtureReplay.builder().build()) {
            Points four = classes(3, 4);
            assertThatThrownBy(() -> four.showTo(source))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("[0.0]=4, [1.0]=4, [2.0]=4");
            assertThat(source.tasks()).isEmpty();
        }
    }

    @Test
    void whoWantsMoreSamplesInEachMeanHasThem() {
        try (MixtureReplay source = MixtureReplay.builder().optLeastSamples(13).build()) {
            Points dozens = classes(3, 12);
            assertThatThrownBy(() -> dozens.showTo(source)).hasMessageContaining("fewer than 13");
        }
    }

    private Points classes(int classes, int samples) {
        Random random = new Random(7);
        float[] inputs = new float[2 * classes * samples];
        float[] labels = new float[classes * samples];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i % classes;
            inputs[2 * i] = labels[i] + 0.05f * (float) random.nextGaussian();
            inputs[2 * i + 1] = WIDTH * (float) random.nextGaussian();
        }
        return new Points(
                TASK, manager.create(inputs, new Shape(labels.length, 2)), manager.create(labels));
    }
}
