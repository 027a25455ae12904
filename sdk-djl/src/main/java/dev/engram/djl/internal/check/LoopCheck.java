package dev.engram.djl.internal.check;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.guard.LiveParameter;
import java.util.List;

/** What a training loop must do in which order, seen from its gradients and its collector. */
public final class LoopCheck {

    private LoopCheck() {}

    /**
     * Refuses a loop that shows a batch without gradients; once a task, so the wait is no matter.
     */
    public static void requireGradients(List<LiveParameter> parameters, NDManager manager) {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray total = scratch.zeros(new Shape());
            for (LiveParameter parameter : parameters) {
                try (NDArray gradient = parameter.gradient();
                        NDArray size = gradient.abs();
                        NDArray sum = size.sum()) {
                    total.addi(sum);
                }
            }
            if (total.getFloat() == 0) {
                throw new EngramException(
                        "All gradients are zero when the listeners hear of the first batch: the"
                            + " loop calls trainer.step() too early, or no backward pass. Call, in"
                            + " this order: backward, notifyListeners(... onTrainingBatch ...),"
                            + " trainer.step().");
            }
        }
    }

    /** Returns what to say where the loop holds the only gradient collector that there may be. */
    public static EngramException openCollector(Throwable cause) {
        return new EngramException(
                "The training loop's gradient collector is still open when it calls trainer.step(),"
                    + " and DJL allows only one. Move trainer.step(), or where the loop updates the"
                    + " weights by itself notifyListeners(... onTrainingBatch ...), behind the end"
                    + " of the collector's try block; and notify before trainer.step().",
                cause);
    }

    /** Returns whether an error comes from a second collector. */
    public static boolean isOfCollector(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof IllegalStateException
                    && String.valueOf(cause.getMessage()).contains("GradientCollector")) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether a collector is open; to try costs less than a microsecond. */
    public static boolean isCollecting(Engine engine) {
        try {
            engine.newGradientCollector().close();
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }
}
