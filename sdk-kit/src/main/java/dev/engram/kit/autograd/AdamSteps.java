package dev.engram.kit.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Stable;
import java.util.HashMap;
import java.util.Map;

/**
 * Adam (Kingma and Ba 2015, algorithm 1) for values that are no parameters of a trainer, such as a
 * generator's or a student's: {@code θ ← θ − rate · m̂ / (√v̂ + 1e-8)}, with decays of 0.9 and
 * 0.999.
 *
 * <p>DJL's own leaves its moments detached from every manager, where nothing frees them before the
 * garbage collector does.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class AdamSteps {

    private static final double FIRST = 0.9;
    private static final double SECOND = 0.999;
    private static final double EPSILON = 1e-8;

    private final double rate;
    private final NDManager manager;
    private final Map<String, NDArray> means = new HashMap<>();
    private final Map<String, NDArray> squares = new HashMap<>();
    private int steps;

    /**
     * Creates one that took no step.
     *
     * @param rate length of a step
     * @param manager owns the moments
     */
    public AdamSteps(double rate, NDManager manager) {
        this.rate = rate;
        this.manager = manager;
    }

    /**
     * Goes one step down the gradients, which are zero then; while no collector is open, and
     * without a wait for the device.
     *
     * @param values leaves of autograd by name, changed in place; those that take no gradient stay
     */
    public void step(Map<String, NDArray> values) {
        steps++;
        values.forEach(
                (name, value) -> {
                    if (value.hasGradient()) {
                        step(name, value);
                    }
                });
    }

    private void step(String name, NDArray value) {
        NDArray mean = means.computeIfAbsent(name, unknown -> zeros(value));
        NDArray square = squares.computeIfAbsent(name, unknown -> zeros(value));
        double correction = Math.sqrt(1 - Math.pow(SECOND, steps));
        double length = rate * correction / (1 - Math.pow(FIRST, steps));
        try (NDArray gradient = value.getGradient();
                NDArray share = gradient.mul(1 - FIRST)) {
            mean.muli(FIRST).addi(share);
            square.muli(SECOND).addi(gradient.muli(gradient).muli(1 - SECOND));
            try (NDArray root = square.sqrt();
                    NDArray way = mean.div(root.addi(EPSILON * correction));
                    NDArray here = value.stopGradient()) {
                here.subi(way.muli(length));
            }
            Cleared.zero(gradient);
        }
    }

    private NDArray zeros(NDArray like) {
        return manager.zeros(like.getShape(), like.getDataType(), like.getDevice());
    }
}
