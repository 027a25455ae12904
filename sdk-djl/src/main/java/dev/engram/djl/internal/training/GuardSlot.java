package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.guard.ForgettingGuard;

/**
 * A guard in its place on a listener, with the manager that is its own.
 *
 * @param guard the guard
 * @param manager owns what the guard keeps across batches; closed with the listener
 */
public record GuardSlot(ForgettingGuard guard, NDManager manager) {

    /** Runs a call on the guard; an error that it throws tells which guard, and when. */
    public void call(String when, Runnable work) {
        try {
            work.run();
        } catch (EngramException e) {
            throw e;
        } catch (IllegalStateException e) {
            if (String.valueOf(e.getMessage()).contains("GradientCollector")) {
                throw openCollector(e);
            }
            throw failed(when, e);
        } catch (RuntimeException e) {
            throw failed(when, e);
        }
    }

    /** Returns what to say where the loop holds the only gradient collector that there may be. */
    static EngramException openCollector(IllegalStateException cause) {
        return new EngramException(
                "The training loop notifies its listeners while its gradient collector is still"
                        + " open, and DJL allows only one. Move notifyListeners(... onTrainingBatch"
                        + " ...) behind the end of the collector's try block and before"
                        + " trainer.step().",
                cause);
    }

    private EngramException failed(String when, RuntimeException e) {
        return new EngramException("Guard \"" + guard.name() + "\" failed " + when + ": " + e, e);
    }
}
