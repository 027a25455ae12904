package dev.engram.kit.calls;

import dev.engram.api.Experimental;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a plug-in calls back to while it is called: what is thrown there is none of its errors. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Callback {

    private @Nullable Throwable thrown;

    Callback() {}

    /** Does what the plug-in asked for. */
    public <T> T get(Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException | Error e) {
            thrown = e;
            throw e;
        }
    }

    /** Returns whether an error came from here, be it in another's wrapping. */
    boolean threw(Throwable error) {
        for (Throwable one = error; one != null; one = one.getCause()) {
            if (one == thrown) {
                return true;
            }
        }
        return false;
    }
}
