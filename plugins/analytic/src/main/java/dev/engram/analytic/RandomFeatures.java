package dev.engram.analytic;

import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import dev.engram.analytic.internal.features.SeededLinear;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;

/**
 * Random ReLU features {@code max(0, x·R)} (RanPAC, McDonnell et al. 2023): many of them make
 * classes linearly separable that the features below do not, and {@code R} is never trained.
 *
 * <p>{@code R} follows from a seed alone, the same on every machine. As part of a model it is an
 * ordinary linear layer without bias and DJL's ReLU: a saved model holds its values, and is loaded
 * without Engram into
 *
 * <pre>{@code
 * new SequentialBlock()
 *         .add(Linear.builder().setUnits(2000).optBias(false).build())
 *         .add(Activation.reluBlock())
 * }</pre>
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class RandomFeatures {

    private RandomFeatures() {}

    /**
     * Returns a frozen block, to stand before a model's last layer.
     *
     * @param features how many there are to be; more tell more apart, and cost their square
     * @param seed another one draws other features, of about the same worth
     */
    public static Block block(int features, long seed) {
        if (features < 1) {
            throw new EngramException(
                    "RandomFeatures.block(%d, ...): write 1 or more, such as 2000"
                            .formatted(features));
        }
        SeededLinear linear = new SeededLinear(features, seed);
        linear.freezeParameters(true);
        return new SequentialBlock().add(linear).add(Activation.reluBlock());
    }
}
