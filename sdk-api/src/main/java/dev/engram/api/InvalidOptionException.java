package dev.engram.api;

/**
 * An option of a builder, or several together, that cannot be: the message says what was given and
 * what to give instead. From {@code StrategyProvider.create} it is an error of the settings.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class InvalidOptionException extends EngramException {

    private static final long serialVersionUID = 1L;

    /** Creates the error from its message. */
    public InvalidOptionException(String message) {
        super(message);
    }
}
