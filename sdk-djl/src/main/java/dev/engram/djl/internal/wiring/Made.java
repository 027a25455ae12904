package dev.engram.djl.internal.wiring;

import dev.engram.api.EngramException;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.Strategy;
import java.util.Set;

/** What strategies were created of. */
final class Made {

    private Made() {}

    /**
     * Checks that a strategy is made of what its provider's roles say.
     *
     * @throws EngramException if not; what was made is closed
     */
    static void requireRole(ChosenStrategy chosen, Strategy made) {
        Set<String> roles = chosen.ownRoles();
        require(chosen, made, made.importance().isPresent(), roles, Role.IMPORTANCE);
        require(chosen, made, made.source().isPresent(), roles, Role.SOURCE);
    }

    private static void require(
            ChosenStrategy chosen, Strategy made, boolean isMade, Set<String> roles, String role) {
        if (isMade == roles.contains(role)) {
            return;
        }
        EngramException refusal =
                chosen.part()
                        .refusal(
                                isMade
                                        ? "is made of what plays the role \"%s\", but its provider's roles() have it not: return it there, and its users have the settings that go with it"
                                                .formatted(role)
                                        : "plays the role \"%s\", but create(...) made something else"
                                                .formatted(role));
        close(chosen, made, refusal);
        throw refusal;
    }

    /** Closes what was made, of which nothing comes. */
    static void close(ChosenStrategy chosen, Strategy made, Exception reason) {
        try {
            chosen.part()
                    .run(
                            "in close()",
                            () -> {
                                made.guard().ifPresent(guard -> guard.close());
                                made.isolation().ifPresent(isolation -> isolation.close());
                                made.importance().ifPresent(importance -> importance.close());
                                made.source().ifPresent(source -> source.close());
                            });
        } catch (EngramException e) {
            reason.addSuppressed(e);
        }
    }
}
