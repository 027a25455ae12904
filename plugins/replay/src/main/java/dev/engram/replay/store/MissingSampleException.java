package dev.engram.replay.store;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;

/** Says that a store does not hold a sample that it was asked for. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class MissingSampleException extends EngramException {

    private static final long serialVersionUID = 1L;

    /** Creates the error from its message. */
    public MissingSampleException(String message) {
        super(message);
    }
}
