package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.djl.internal.plugin.NamedGuard;

/**
 * A guard in its place on a listener, with the manager that is its own.
 *
 * @param named the guard
 * @param manager owns what the guard keeps across batches; closed with the listener
 */
public record GuardSlot(NamedGuard named, NDManager manager) {

    /** Returns the name under which the guard's memory is kept. */
    public String name() {
        return named.name();
    }

    /** Returns the guard. */
    public ForgettingGuard guard() {
        return named.guard();
    }

    /** Runs a call on the guard; an error that it throws tells which guard, and when. */
    public void call(String when, Runnable work) {
        try {
            work.run();
        } catch (IllegalStateException e) {
            if (String.valueOf(e.getMessage()).contains("GradientCollector")) {
                throw openCollector(e);
            }
            throw named.part().failed(when, e);
        } catch (RuntimeException | Error e) {
            throw named.part().failed(when, e);
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
}
