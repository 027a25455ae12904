package dev.engram.api;

import org.jspecify.annotations.Nullable;

/** The root of all errors that Engram raises: it says what was seen, where, and what to do. */
@Stable(since = "0.1", implementedBy = "Engram")
public class EngramException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Creates the error from its message. */
    public EngramException(String message) {
        super(message);
    }

    /** Creates the error from its message and what caused it. */
    public EngramException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
