package dev.engram.kit.provider;

import dev.engram.api.Experimental;
import java.util.Iterator;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/** What {@link ServiceLoader} finds: a line that cannot be loaded hides none of the others. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Services {

    private static final int MOST_BROKEN_LINES = 1000;

    private Services() {}

    /**
     * Hands over what a class loader sees, one after the other.
     *
     * @param found gets each; what it throws is its caller's
     * @param broken gets why a line could not be loaded
     */
    public static <T> void each(
            Class<T> type,
            ClassLoader loader,
            Consumer<ServiceLoader.Provider<T>> found,
            Consumer<Throwable> broken) {
        Iterator<ServiceLoader.Provider<T>> candidates =
                ServiceLoader.load(type, loader).stream().iterator();
        int failures = 0;
        while (failures < MOST_BROKEN_LINES) {
            ServiceLoader.Provider<T> next;
            try {
                if (!candidates.hasNext()) {
                    return;
                }
                next = candidates.next();
            } catch (ServiceConfigurationError | LinkageError e) {
                broken.accept(e);
                failures++;
                continue;
            }
            found.accept(next);
        }
    }
}
