package dev.engram.generativereplay.internal.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.kit.autograd.AdamSteps;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The bound that a generator goes down, beside what it is by hand. */
class ElboTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    /** {@code −[x ln p + (1−x) ln(1−p)]} at odds of e^0 and e^2, for x of 1, 0 and 0.25. */
    @Test
    void theReconstructionIsTheCrossEntropyOfAllNumbers() {
        NDArray inputs = manager.create(new float[][] {{1, 0}, {0.25f, 1}});
        NDArray logOdds = manager.create(new float[][] {{0, 2}, {2, 2}});
        double likely = 1 / (1 + Math.exp(-2));
        double first = Math.log(2) - Math.log(1 - likely);
        double second = -0.25 * Math.log(likely) - 0.75 * Math.log(1 - likely) - Math.log(likely);
        float[] found = Elbo.reconstruction(inputs, logOdds).toFloatArray();
        assertThat(found[0]).isCloseTo((float) first, within(1e-5f));
        assertThat(found[1]).isCloseTo((float) second, within(1e-5f));
    }

    /** {@code ln(s/q) + (q² + (m−c)²) / 2s² − ½} of each number. */
    @Test
    void theDivergenceIsThatOfTwoNormalDistributions() {
        NDArray mean = manager.create(new float[][] {{1, -2}});
        NDArray spread = manager.create(new float[][] {{(float) Math.log(0.25), 0}});
        NDArray classMean = manager.create(new float[][] {{3, -2}});
        NDArray classSpread = manager.create(new float[][] {{(float) Math.log(4), 0}});
        double first = Math.log(2 / 0.5) + (0.25 + 4) / (2 * 4) - 0.5;
        NDArray found = Elbo.divergence(mean, spread, classMean, classSpread);
        assertThat(found.toFloatArray()[0]).isCloseTo((float) first, within(1e-5f));
    }

    /** Adam's first step has the length of the rate, whatever the gradient; then it forgets it. */
    @Test
    void aStepOfAdamHasTheLengthOfTheRateAndLeavesNoGradient() {
        try (LearntValues values = new LearntValues(manager)) {
            values.put("v", manager.create(new float[] {1, 1}));
            values.train(true);
            try (var collector = manager.getEngine().newGradientCollector()) {
                collector.backward(values.get("v").mul(manager.create(new float[] {9, -2})).sum());
            }
            new AdamSteps(0.5, manager).step(values.all());
            assertThat(values.get("v").getGradient().toFloatArray()).containsOnly(0);
            float[] stepped = values.get("v").stopGradient().toFloatArray();
            assertThat(stepped[0]).isCloseTo(0.5f, within(1e-4f));
            assertThat(stepped[1]).isCloseTo(1.5f, within(1e-4f));
        }
    }

    @Test
    void aDoubledImageHasEachPixelFourTimes() {
        NDArray image = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(1, 1, 2, 3));
        NDArray doubled = Convolution.doubled(image);
        assertThat(doubled.getShape()).isEqualTo(new Shape(1, 1, 4, 6));
        assertThat(doubled.get("0,0,1").toFloatArray()).containsExactly(1, 1, 2, 2, 3, 3);
        assertThat(doubled.get("0,0,:,5").toFloatArray()).containsExactly(3, 3, 6, 6);
    }
}
