package dev.engram.metalearning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.engram.kit.autograd.RequiredEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The derivative of a loss with respect to step sizes, and what is done with it. */
class ScaledUpdateTest {

    private static final Shape SHAPE = new Shape(3, 4);

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = RequiredEngine.get().newBaseManager();
        RequiredEngine.get().setRandomSeed(3);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @EnumSource(Granularity.class)
    void theDerivativeIsThatOfFiniteDifferences(Granularity per) {
        NDArray before = random(SHAPE);
        NDArray way = random(SHAPE).mul(0.1);
        NDArray inputs = random(new Shape(5, 4));
        NDArray sizes = random(per.of(SHAPE)).abs();
        NDArray gradient = gradient(moved(before, way, sizes), inputs);

        double[] found = ScaledUpdate.derivative(gradient, way, sizes).toDoubleArray();

        double[] point = sizes.toDoubleArray();
        assertThat(found).hasSameSizeAs(point);
        for (int i = 0; i < point.length; i++) {
            double up = loss(moved(before, way, other(point, i, 1e-5, sizes)), inputs);
            double down = loss(moved(before, way, other(point, i, -1e-5, sizes)), inputs);
            assertThat(found[i]).isCloseTo((up - down) / 2e-5, within(1e-7));
        }
    }

    @Test
    void aStepSizeOfZeroLeavesAWeightAsItWasBitForBit() {
        NDArray before = manager.create(new float[] {0.1f, 0.3f, 1e-7f});
        NDArray value = manager.create(new float[] {0.7f, -0.3f, 5f});
        NDArray sizes = manager.create(new float[] {0, 0.5f, 0});
        ScaledUpdate.apply(value, before, sizes, way -> {});
        assertThat(value.toFloatArray()).containsExactly(0.1f, 0, 1e-7f);
    }

    @Test
    void normalisedTheSizeOfGradientsIsOfNoAccount() {
        NDArray small = manager.create(new float[] {1e-6f, -2e-6f, 1e-6f});
        NDArray large = small.mul(1e6);
        NDArray first = manager.ones(new Shape(3));
        NDArray second = manager.ones(new Shape(3));
        ScaledUpdate.learn(first, small, 0.1, true, 10);
        ScaledUpdate.learn(second, large, 0.1, true, 10);
        assertThat(first.toFloatArray()).containsExactly(second.toFloatArray(), within(1e-4f));
        assertThat(first.toFloatArray()[0]).isLessThan(1);
        assertThat(first.toFloatArray()[1]).isGreaterThan(1);
    }

    @Test
    void stepSizesStayWithinTheirBounds() {
        NDArray sizes = manager.ones(new Shape(2));
        ScaledUpdate.learn(sizes, manager.create(new float[] {5, -5}), 1, false, 2);
        assertThat(sizes.toFloatArray()).containsExactly(0, 2);
    }

    private NDArray random(Shape shape) {
        return manager.randomNormal(0, 1, shape, DataType.FLOAT64);
    }

    private static NDArray moved(NDArray before, NDArray way, NDArray sizes) {
        return before.add(way.mul(sizes));
    }

    private NDArray other(double[] point, int index, double by, NDArray like) {
        double[] moved = point.clone();
        moved[index] += by;
        return manager.create(moved, like.getShape());
    }

    private static NDArray outputs(NDArray weights, NDArray inputs) {
        return inputs.dot(weights.transpose()).tanh().square().sum();
    }

    private static double loss(NDArray weights, NDArray inputs) {
        return outputs(weights, inputs).getDouble();
    }

    private static NDArray gradient(NDArray weights, NDArray inputs) {
        weights.setRequiresGradient(true);
        try (GradientCollector collector = RequiredEngine.get().newGradientCollector()) {
            collector.backward(outputs(weights, inputs));
        }
        return weights.getGradient();
    }
}
