package dev.engram.generativereplay.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.kit.autograd.Cleared;
import java.util.HashMap;
import java.util.Map;

/** Adam (Kingma and Ba 2015), whose moments go with a manager. */
public final class AdamSteps {

    private static final float FIRST = 0.9f;
    private static final float SECOND = 0.999f;
    private static final float EPSILON = 1e-8f;

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

    /** Goes one step along the gradients, which are zero then. */
    public void step(LearntValues... all) {
        steps++;
        for (LearntValues values : all) {
            values.all()
                    .forEach(
                            (name, value) -> {
                                if (value.hasGradient()) {
                                    step(name, value);
                                }
                            });
        }
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
                    NDArray way = mean.div(root.addi(EPSILON * correction))) {
                value.subi(way.muli(length));
            }
            Cleared.zero(gradient);
        }
    }

    private NDArray zeros(NDArray like) {
        return manager.zeros(like.getShape(), like.getDataType());
    }
}
