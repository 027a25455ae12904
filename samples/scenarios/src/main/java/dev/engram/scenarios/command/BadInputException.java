package dev.engram.scenarios.command;

import org.jspecify.annotations.Nullable;

/** What the user gave cannot be used; the message is one line that says what to change. */
public final class BadInputException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Creates it from the line to show. */
    public BadInputException(String message) {
        this(message, null);
    }

    /** Creates it from the line to show and what caused it. */
    public BadInputException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
