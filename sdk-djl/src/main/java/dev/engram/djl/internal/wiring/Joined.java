package dev.engram.djl.internal.wiring;

import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.settings.Setting;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.Strategy;
import dev.engram.djl.tasks.IsolationGuard;
import dev.engram.kit.calls.PluginCalls;
import dev.engram.kit.penalty.PenaltySettings;
import dev.engram.kit.rehearsal.RehearsalSettings;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the runtime joins with what a strategy is made of, so that there is a guard. */
final class Joined {

    private Joined() {}

    /** Returns the roles that come with the joining. */
    static Set<String> roles(Set<String> own) {
        Set<String> roles = new HashSet<>();
        if (own.contains(Role.IMPORTANCE)) {
            roles.add(Role.PENALTY);
        }
        if (own.contains(Role.SOURCE)) {
            roles.add(Role.REHEARSAL);
        }
        return roles;
    }

    /** Returns the roles that nothing else may play beside it: each would rehearse on its own. */
    static Set<String> excludedRoles(Set<String> own) {
        return own.contains(Role.SOURCE) ? Set.of(Role.REHEARSAL) : Set.of();
    }

    /** Returns the settings that come with it; those of the strategy itself go before. */
    static List<Setting<?>> settings(Set<String> own) {
        if (own.contains(Role.IMPORTANCE)) {
            return PenaltySettings.all();
        }
        return own.contains(Role.SOURCE) ? RehearsalSettings.all() : List.of();
    }

    /**
     * Returns whose setting a key is that a strategy has not, as a sentence: its author may have
     * left a role out, or its user may mean another one. Nothing for a key of nobody's.
     */
    static String owner(ChosenStrategy chosen, String key) {
        Set<String> own = chosen.ownRoles();
        return List.of(Role.IMPORTANCE, Role.SOURCE).stream()
                .filter(role -> !own.contains(role))
                .filter(role -> settings(Set.of(role)).stream().anyMatch(s -> s.key().equals(key)))
                .map(
                        role ->
                                ". The runtime adds it to strategies whose role is \"%s\"; roles() of %s says %s"
                                        .formatted(
                                                role, chosen.provider().getClass().getName(), own))
                .findFirst()
                .orElse("");
    }

    /** Returns the guard of a strategy. */
    static ForgettingGuard guard(ReadyStrategy ready, Strategy made) {
        ChosenStrategy chosen = ready.chosen();
        Made.requireSound(chosen, made);
        return made.guard()
                .or(() -> made.isolation().map(own -> IsolationGuard.made(own, chosen.origin())))
                .or(() -> made.importance().map(own -> penalty(own, ready)))
                .or(() -> made.source().map(own -> rehearsal(own, ready)))
                .orElseThrow(() -> chosen.part().refusal("made nothing that can guard a training"));
    }

    private static ForgettingGuard penalty(ImportanceEstimator made, ReadyStrategy ready) {
        ChosenStrategy chosen = ready.chosen();
        ImportanceEstimator importance = PluginCalls.to(made, chosen.part());
        return PenaltySettings.joined(chosen.id(), importance, ready.shared());
    }

    private static ForgettingGuard rehearsal(ReplaySource made, ReadyStrategy ready) {
        ChosenStrategy chosen = ready.chosen();
        ReplaySource source = PluginCalls.to(made, chosen.part());
        return RehearsalSettings.joined(chosen.id(), source, ready.shared());
    }
}
