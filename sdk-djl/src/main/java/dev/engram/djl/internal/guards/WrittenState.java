package dev.engram.djl.internal.guards;

import dev.engram.api.EngramException;
import dev.engram.djl.internal.memory.GuardState;
import dev.engram.djl.internal.plugin.NamedGuard;
import java.util.Map;
import java.util.TreeMap;

/** Whether a guard can read what one of its name wrote. */
final class WrittenState {

    private WrittenState() {}

    /** Returns what is to be known of what a guard writes. */
    static GuardState of(NamedGuard guard) {
        return new GuardState(guard.stateVersion(), guard.parts());
    }

    /**
     * Checks what is known of what was written.
     *
     * @throws EngramException if it is of a later version, or of other parts
     */
    static void require(NamedGuard guard, GuardState written) {
        guard.part().requireKnown(written.version(), guard.stateVersion());
        if (!written.parts().equals(guard.parts())) {
            throw new EngramException(
                    "The memory of \"%s\" was written with %s, but now there is %s, which knows nothing of the tasks learnt so far: set it as it was, or use another memory directory"
                            .formatted(guard.name(), told(written.parts()), told(guard.parts())));
        }
    }

    private static String told(Map<String, String> parts) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(parts)
                .forEach(
                        (setting, id) ->
                                text.append(text.isEmpty() ? "" : ", ")
                                        .append(setting)
                                        .append(" = ")
                                        .append(id));
        return text.isEmpty() ? "none of its parts set" : text.toString();
    }
}
