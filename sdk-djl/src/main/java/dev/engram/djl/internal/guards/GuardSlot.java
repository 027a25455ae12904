package dev.engram.djl.internal.guards;

import ai.djl.ndarray.NDManager;
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
        } catch (RuntimeException | Error e) {
            throw named.part().failed(when, e);
        }
    }
}
