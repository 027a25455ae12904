package dev.engram.djl.internal.wiring;

import dev.engram.api.EngramException;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.calls.PluginPart;
import java.util.Set;

/** What strategies were created of. */
final class Made {

    private Made() {}

    /**
     * Checks that a strategy is made of what its provider's roles say, and states a version of its
     * state: what is found when a task was learnt is found too late.
     *
     * @throws EngramException if not; what was made is closed
     */
    static void requireSound(ChosenStrategy chosen, Strategy made) {
        Set<String> roles = chosen.ownRoles();
        require(chosen, made, made.importance().isPresent(), roles, Role.IMPORTANCE);
        require(chosen, made, made.source().isPresent(), roles, Role.SOURCE);
        try {
            PluginPart part = chosen.part();
            part.requireVersion(part.get("in stateVersion()", () -> stateVersion(made)));
        } catch (EngramException e) {
            close(chosen, made, e);
            throw e;
        }
    }

    private static int stateVersion(Strategy made) {
        return made.guard()
                .map(ForgettingGuard::stateVersion)
                .or(() -> made.isolation().map(ParameterIsolation::stateVersion))
                .or(() -> made.importance().map(ImportanceEstimator::stateVersion))
                .or(() -> made.source().map(ReplaySource::stateVersion))
                .orElse(1);
    }

    private static void require(
            ChosenStrategy chosen, Strategy made, boolean isMade, Set<String> roles, String role) {
        if (isMade == roles.contains(role)) {
            return;
        }
        EngramException refusal =
                chosen.part().refusal(isMade ? unstated(role, roles) : unmade(role, made));
        close(chosen, made, refusal);
        throw refusal;
    }

    private static String unstated(String role, Set<String> roles) {
        return "is made of what plays the role \"%s\", but its provider's roles() have it not (they are %s): return it there, and its users have the settings that go with it"
                .formatted(role, roles);
    }

    private static String unmade(String role, Strategy made) {
        return "plays the role \"%s\", but create(...) made something else, %s: return Strategy.of(...) of %s from create(...), or leave the role out of roles()"
                .formatted(role, described(made), wanted(role));
    }

    private static String wanted(String role) {
        return role.equals(Role.IMPORTANCE) ? "an ImportanceEstimator" : "a ReplaySource";
    }

    private static String described(Strategy made) {
        return made.guard()
                .map(one -> named("a guard", one))
                .or(() -> made.isolation().map(one -> named("an isolation", one)))
                .or(() -> made.importance().map(one -> named("an importance", one)))
                .or(() -> made.source().map(one -> named("a source of samples", one)))
                .orElse("nothing");
    }

    private static String named(String kind, Object part) {
        return "%s (%s)".formatted(kind, part.getClass().getName());
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
