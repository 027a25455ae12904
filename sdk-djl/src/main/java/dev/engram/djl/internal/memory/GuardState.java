package dev.engram.djl.internal.memory;

import dev.engram.api.Experimental;
import java.util.Map;

/**
 * What is known of the state that a guard wrote, besides the state itself.
 *
 * @param version of its form, 1 or more
 * @param parts ids of the strategies of which the guard's parts were, by the setting that named
 *     them
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public record GuardState(int version, Map<String, String> parts) {

    /** What is known of a guard that states nothing. */
    static final GuardState FIRST = new GuardState(1, Map.of());
}
