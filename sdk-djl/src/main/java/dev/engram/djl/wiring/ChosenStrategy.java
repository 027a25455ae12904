package dev.engram.djl.wiring;

import dev.engram.api.EngramException;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.settings.SettingsException;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.internal.plugin.PartName;
import dev.engram.kit.calls.Origin;
import dev.engram.kit.calls.PluginPart;
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
        PluginPart nameless = PluginPart.strategy(id, new Origin(provider.getClass(), null));
        String builtFor = nameless.get("in spiVersion()", provider::spiVersion);
        Origin origin = new Origin(provider.getClass(), builtFor);
        PartName.require("The strategy of " + origin.place(), id);
        return new ChosenStrategy(id, provider, origin, PluginPart.strategy(id, origin));
    }

    Set<String> roles() {
        return part.get("in roles()", provider::roles);
    }

    Set<String> excludedRoles() {
        return part.get("in excludedRoles()", provider::excludedRoles);
    }

    Set<String> needs() {
        return part.get("in needs()", provider::needs);
    }

    List<Setting<?>> settings() {
        List<Setting<?>> declared = part.get("in settings()", provider::settings);
        if (declared.stream().anyMatch(Objects::isNull)) {
            throw part.failed("in settings()", new NullPointerException("a setting is null"));
        }
        return declared;
    }

    /**
     * Creates the strategy.
     *
     * @throws SettingsException if it says that the values do not go together
     * @throws EngramException if it fails otherwise, or makes nothing
     */
    Strategy create(Settings settings) {
        return part.get(
                "in create(...)",
                () -> {
                    try {
                        return provider.create(settings);
                    } catch (IllegalArgumentException e) {
                        throw refused(e);
                    }
                });
    }

    private SettingsException refused(IllegalArgumentException e) {
        SettingsException refusal =
                new SettingsException(id, List.of(String.valueOf(e.getMessage())));
        refusal.initCause(e);
        return refusal;
    }
}
