package dev.engram.kit.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdamStepsTest {

    /**
     * Gradients 2 and 1: m = 0.2, then 0.28; v = 0.004, then 0.004996; so the steps are 0.1 · 2 / 2
     * and 0.1 · (0.28 / 0.19) / √(0.004996 / 0.001999).
     */
    @Test
    void twoStepsAreThoseOfThePaper() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray value = leaf(manager, 5);
            AdamSteps adam = new AdamSteps(0.1, manager);
            goDown(value, 2, adam);
            assertThat(value.getFloat()).isCloseTo(4.9f, within(1e-6f));
            goDown(value, 1, adam);
            double second = 0.1 * (0.28 / 0.19) / Math.sqrt(0.004996 / 0.001999);
            assertThat(value.getFloat()).isCloseTo((float) (4.9 - second), within(1e-6f));
            assertThat(value.getGradient().getFloat()).isZero();
        }
    }

    @Test
    void leavesItsTwoMomentsAndNothingElse() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray value = leaf(manager, 5);
            NDArray constant = manager.ones(value.getShape());
            try (NDManager moments = manager.newSubManager()) {
                AdamSteps adam = new AdamSteps(0.1, moments);
                for (int i = 0; i < 1000; i++) {
                    adam.step(Map.of("value", value, "constant", constant));
                }
                assertThat(moments.getManagedArrays()).hasSize(2);
            }
            assertThat(manager.getManagedArrays()).containsExactlyInAnyOrder(value, constant);
            assertThat(constant.getFloat()).isOne();
        }
    }

    private static NDArray leaf(NDManager manager, float number) {
        try (NDArray given = manager.create(number)) {
            NDArray value = EngineMemory.copy(given, manager);
            value.setRequiresGradient(true);
            return value;
        }
    }

    private static void goDown(NDArray value, float gradient, AdamSteps adam) {
        try (NDManager call = value.getManager().newSubManager();
                GradientCollector collector = call.getEngine().newGradientCollector()) {
            collector.backward(value.mul(call.create(gradient)));
        }
        adam.step(Map.of("value", value));
    }
}
