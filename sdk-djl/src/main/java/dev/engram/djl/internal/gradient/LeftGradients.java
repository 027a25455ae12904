package dev.engram.djl.internal.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import dev.engram.api.guard.LiveParameter;
import dev.engram.kit.autograd.Cleared;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gradients that nobody wants any more.
 *
 * <p>{@code gradient.subi(gradient)}, with which DJL clears, leaves NaN where there was NaN or
 * infinity.
 */
public final class LeftGradients {

    private static final Logger LOG = LoggerFactory.getLogger(LeftGradients.class);

    private LeftGradients() {}

    /** Sets the gradients of parameters to zero in place. */
    public static void clear(List<LiveParameter> parameters, NDManager manager) {
        try (NDManager scratch = manager.newSubManager()) {
            for (LiveParameter parameter : parameters) {
                // A model may be closed before its trainer.
                if (!parameter.value().isReleased()) {
                    NDArray gradient = parameter.gradient();
                    gradient.attach(scratch);
                    Cleared.zero(gradient);
                }
            }
        }
    }

    /**
     * Clears what another trainer left behind that is not finite, before a trainer adds to it;
     * waits for the device.
     */
    public static void clear(Block block, NDManager manager) {
        long cleared =
                block.getParameters().values().stream()
                        .filter(Parameter::isInitialized)
                        .map(Parameter::getArray)
                        .filter(NDArray::hasGradient)
                        .filter(array -> isCleared(array, manager))
                        .count();
        if (cleared > 0) {
            LOG.warn(
                    "The trainer before left gradients in {} parameters that are not finite, and"
                            + " outlive DJL's own clearing: Engram has set them to zero.",
                    cleared);
        }
    }

    private static boolean isCleared(NDArray array, NDManager manager) {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray gradient = array.getGradient();
            gradient.attach(scratch);
            if (FiniteCheck.isFiniteQuickly(gradient, scratch)) {
                return false;
            }
            Cleared.zero(gradient);
            return true;
        }
    }
}
