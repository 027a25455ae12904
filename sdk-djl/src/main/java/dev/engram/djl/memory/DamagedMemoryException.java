package dev.engram.djl.memory;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;

/** A generation of the memory is damaged; the message names the file and the last good one. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class DamagedMemoryException extends EngramException {

    private static final long serialVersionUID = 1L;

    public DamagedMemoryException(String message) {
        super(message);
    }
}
