package dev.engram.kit.calls;

import dev.engram.api.EngramException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls into one part that a guard drives. Errors of Engram's own kind are the part's words, before
 * which the runtime puts the guard's name.
 */
record Calls(PluginPart part) {

    void run(String when, Runnable call) {
        get(
                when,
                () -> {
                    call.run();
                    return true;
                });
    }

    <T> T get(String when, Supplier<? extends @Nullable T> call) {
        T result;
        try {
            result = call.get();
        } catch (EngramException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw part.failed(when, e);
        }
        return part.get(when, () -> result);
    }
}
