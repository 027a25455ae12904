package dev.engram.metalearning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.kit.autograd.EngineMemory;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What optimizers did, and what step sizes make of it: {@code θ ← before + α ⊙ (after − before)},
 * and {@code ∂L/∂α = g ⊙ (after − before)}, {@code g} being the gradient of {@code L} at the new
 * {@code θ}. Exact under any optimizer, for what it did depends on no step size.
 */
final class ScaledUpdate {

    private static final float TINY = 1e-30f;

    private ScaledUpdate() {}

    /**
     * Shortens the way that a parameter went.
     *
     * @param keeping sees the whole way, to be learnt from, for the length of its call
     */
    static void apply(NDArray value, NDArray before, NDArray sizes, Consumer<NDArray> keeping) {
        try (NDArray way = value.sub(before)) {
            keeping.accept(way);
            way.muli(sizes).addi(before);
            EngineMemory.write(way, value);
        }
    }

    /**
     * Returns how a loss changes with step sizes.
     *
     * @param gradient of the loss
     * @param way that the optimizer went
     * @param sizes of whose shape the answer is
     * @return an array of the caller's
     */
    static NDArray derivative(NDArray gradient, NDArray way, NDArray sizes) {
        NDArray product = gradient.mul(way);
        if (product.getShape().equals(sizes.getShape())) {
            return product;
        }
        int[] axes = new int[product.getShape().dimension() - 1];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i + 1;
        }
        try (product) {
            return product.sum(axes, true);
        }
    }

    /**
     * Goes down a derivative: by its size where {@code normalised} is false, else by its size in
     * units of the root of the mean square of its parameter, three of them at most.
     */
    static void learn(
            NDArray sizes, NDArray derivative, double rate, boolean normalised, double most) {
        try (NDManager work = sizes.getManager().newSubManager()) {
            derivative.attach(work);
            if (normalised) {
                NDArray mean = derivative.mul(derivative).mean();
                NDArray root = mean.add(TINY).sqrt();
                derivative = derivative.div(root).clip(-3, 3);
            }
            NDArray learnt = sizes.sub(derivative.mul((float) rate));
            // DJL leaves the bounds with the manager of what is clipped.
            learnt.attach(work);
            EngineMemory.write(learnt.clip(0, most), sizes);
        }
    }

    /** The ways of one step, in arrays that the next step's go into. */
    static final class Ways implements AutoCloseable {

        private final NDManager owner;
        private final Map<String, NDArray> byName = new HashMap<>();

        Ways(NDManager parent) {
            owner = parent.newSubManager();
            owner.setName("ways of a step");
        }

        void put(String name, NDArray way) {
            NDArray held = byName.get(name);
            if (held == null || !held.getShape().equals(way.getShape())) {
                NDArray old = byName.put(name, EngineMemory.copy(way, owner));
                if (old != null) {
                    old.close();
                }
            } else {
                EngineMemory.write(way, held);
            }
        }

        void add(String name, NDArray way) {
            NDArray held = byName.get(name);
            if (held == null) {
                put(name, way);
            } else {
                held.addi(way);
            }
        }

        @Nullable NDArray of(String name) {
            return byName.get(name);
        }

        @Override
        public void close() {
            owner.close();
        }
    }
}
