package dev.engram.kit.calls;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A provider, guard, isolation, estimator or source of a plug-in: each call into it goes through
 * here, so that whatever it throws tells whose it is, where that is from, and which call failed.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class PluginPart {

    private final String title;
    private final String name;
    private final Origin origin;

    private PluginPart(String kind, String name, Origin origin) {
        this.name = '"' + name + '"';
        this.title = kind + " " + this.name;
        this.origin = origin;
    }

    /** Returns the part that is the provider of a strategy. */
    public static PluginPart strategy(String id, Origin provider) {
        return new PluginPart("Strategy", id, provider);
    }

    /** Returns the part that is a guard. */
    public static PluginPart guard(String name, Origin origin) {
        return new PluginPart("Guard", name, origin);
    }

    /** Returns the part that gives tasks parameters of their own. */
    public static PluginPart isolation(String name, Origin origin) {
        return new PluginPart("Isolation", name, origin);
    }

    /** Returns a part that a guard drives, which has no name but its class's. */
    public static PluginPart driven(String kind, Object part) {
        Class<?> type = part.getClass();
        return new PluginPart(kind, type.getSimpleName(), Origin.of(type, null));
    }

    /**
     * Returns what a call returns.
     *
     * @param when completes the phrase "the guard failed ...", such as "in save(...)"
     * @throws EngramException if it fails or returns nothing
     */
    public <T> T get(String when, Supplier<? extends @Nullable T> call) {
        T result;
        try {
            result = call.get();
        } catch (RuntimeException | Error e) {
            throw failed(when, e);
        }
        if (result == null) {
            throw new EngramException(told(when, "it returned null"));
        }
        return result;
    }

    /**
     * Makes a call.
     *
     * @throws EngramException if it fails
     */
    public void run(String when, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            throw failed(when, e);
        }
    }

    /**
     * Returns what a call returns that calls back into what is not the plug-in's, such as the
     * user's block: what that throws stays as it is.
     *
     * @throws EngramException if it fails by itself, or returns nothing
     */
    public <T> T around(String when, Function<Callback, ? extends @Nullable T> call) {
        Callback callback = new Callback();
        T result;
        try {
            result = call.apply(callback);
        } catch (RuntimeException | Error e) {
            if (callback.threw(e)) {
                throw e;
            }
            throw failed(when, e);
        }
        if (result == null) {
            throw new EngramException(told(when, "it returned null"));
        }
        return result;
    }

    /**
     * Returns the error to raise where a call threw one; an error of Engram's own that names the
     * part, or is of a type of its own, stays as it is.
     *
     * @throws VirtualMachineError if it is one, such as a lack of memory: whose call it hit says
     *     nothing
     */
    public EngramException failed(String when, Throwable error) {
        if (error instanceof VirtualMachineError fatal && !(error instanceof StackOverflowError)) {
            throw fatal;
        }
        if (error instanceof EngramException known) {
            return named(known);
        }
        return new EngramException(told(when, error + misfit(error)), error);
    }

    /**
     * Returns the version of a state that was written.
     *
     * @throws EngramException if it is later than the one that the part knows
     */
    public int requireKnown(int written, int known) {
        if (written > known) {
            throw new EngramException(
                    "%s: what is in memory was written as version %s of its state, and this version of the plug-in knows up to %s: use the plug-in that wrote it, or a later one, or another memory directory\n  (%s)"
                            .formatted(title, written, known, origin));
        }
        return written;
    }

    /**
     * Returns the version of the state that the part writes.
     *
     * @throws EngramException if it is none
     */
    public int requireVersion(int stated) {
        if (stated < 1) {
            throw refusal("states version " + stated + " of its state: 1 is the first");
        }
        return stated;
    }

    /** Returns an error that says what is wrong with what the part did. */
    public EngramException refusal(String what) {
        return new EngramException("%s %s\n  (%s)".formatted(title, what, origin));
    }

    private EngramException named(EngramException known) {
        String message = String.valueOf(known.getMessage());
        boolean hasName = message.contains(name) || known.getClass() != EngramException.class;
        return hasName ? known : new EngramException(title + ": " + message, known);
    }

    private static String misfit(Throwable error) {
        return error instanceof LinkageError
                ? "; the plug-in, what it needs, and Engram are of versions that do not fit: use"
                        + " the plug-in's version for this Engram"
                : "";
    }

    private String told(String when, String what) {
        return "%s failed %s: %s\n  (%s)".formatted(title, when, what, origin);
    }
}
