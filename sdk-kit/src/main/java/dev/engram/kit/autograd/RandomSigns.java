package dev.engram.kit.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.Stable;
import java.util.SplittableRandom;

/**
 * Signs that are drawn independently, +1 or -1: a sum that is weighted with them has the sum of
 * squares as the expectation of its square.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class RandomSigns {

    private RandomSigns() {}

    /**
     * Draws signs on the host, one after the other, so that the engine's own stream stays as it is.
     *
     * @return float32, in the engine's memory, so that autograd may keep it; owned by {@code owner}
     */
    public static NDArray of(Shape shape, SplittableRandom random, NDManager owner) {
        float[] signs = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < signs.length; i++) {
            signs[i] = random.nextBoolean() ? 1 : -1;
        }
        try (NDArray drawn = owner.create(signs, shape)) {
            return EngineMemory.copy(drawn, owner);
        }
    }
}
