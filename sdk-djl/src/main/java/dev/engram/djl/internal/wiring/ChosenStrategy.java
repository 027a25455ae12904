package dev.engram.djl.internal.wiring;

import dev.engram.api.EngramException;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.settings.SettingsException;
import dev.engram.api.spi.Need;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyParts;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.internal.plugin.PartName;
import dev.engram.kit.calls.Origin;
import dev.engram.kit.calls.PluginPart;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A strategy that a listener asks for; whatever its provider does wrong names it.
 *
 * @param id under which it was asked for
 * @param provider that creates it
 * @param origin where that is from
 * @param part through which it is called
 */
record ChosenStrategy(String id, StrategyProvider provider, Origin origin, PluginPart part) {

    static ChosenStrategy of(String id, StrategyProvider provider) {
        PluginPart nameless = PluginPart.strategy(id, Origin.of(provider.getClass(), null));
        String builtFor = nameless.get("in spiVersion()", provider::spiVersion);
        Origin origin = Origin.of(provider.getClass(), builtFor);
        PartName.require("The strategy of " + origin.place(), id);
        ChosenStrategy chosen =
                new ChosenStrategy(id, provider, origin, PluginPart.strategy(id, origin));
        chosen.requireKnownNeeds();
        return chosen;
    }

    private void requireKnownNeeds() {
        List<String> unknown =
                needs().stream().filter(need -> !Need.isKnown(need)).sorted().toList();
        if (!unknown.isEmpty()) {
            throw part.refusal(
                    "needs %s, which this Engram does not know and so cannot see to: use a later Engram, or a version of the plug-in for this one"
                            .formatted(unknown));
        }
    }

    /** Returns what its provider states. */
    Set<String> ownRoles() {
        return part.get("in roles()", provider::roles);
    }

    /** Returns the roles that it plays on a listener: its own and what it is joined with. */
    Set<String> roles() {
        Set<String> own = ownRoles();
        Set<String> all = new HashSet<>(own);
        all.addAll(Joined.roles(own));
        return all;
    }

    Set<String> excludedRoles() {
        Set<String> all = new HashSet<>(part.get("in excludedRoles()", provider::excludedRoles));
        all.addAll(Joined.excludedRoles(ownRoles()));
        return all;
    }

    Set<String> needs() {
        return part.get("in needs()", provider::needs);
    }

    List<Setting<?>> settings() {
        List<Setting<?>> declared = part.get("in settings()", provider::settings);
        if (declared.stream().anyMatch(Objects::isNull)) {
            throw part.failed("in settings()", new NullPointerException("a setting is null"));
        }
        Set<String> keys = new HashSet<>();
        declared.stream()
                .map(Setting::key)
                .filter(key -> !keys.add(key))
                .findFirst()
                .ifPresent(
                        twice -> {
                            throw part.refusal(
                                    "declares two settings \"%s\": only one of them would be read"
                                            .formatted(twice));
                        });
        return declared;
    }

    /**
     * Creates the strategy.
     *
     * @throws SettingsException if it says that the values do not go together
     * @throws EngramException if it fails otherwise, or makes nothing
     */
    Strategy create(Settings settings, StrategyParts parts) {
        return part.get(
                "in create(...)",
                () -> {
                    try {
                        return provider.create(settings, parts);
                    } catch (IllegalArgumentException | InvalidOptionException e) {
                        throw refused(e);
                    }
                });
    }

    private SettingsException refused(RuntimeException e) {
        SettingsException refusal =
                new SettingsException(id, List.of(String.valueOf(e.getMessage())));
        refusal.initCause(e);
        return refusal;
    }
}
