package dev.engram.djl.internal.wiring;

import dev.engram.api.settings.Settings;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A strategy that can be created: it is there, and its settings are right.
 *
 * @param chosen the strategy
 * @param own its own settings
 * @param shared those that all of its kind have
 * @param parts the strategies whose parts it is made with, by the setting that names them
 */
record ReadyStrategy(
        ChosenStrategy chosen, Settings own, Settings shared, Map<String, ReadyStrategy> parts) {

    /** Returns the ids of its parts' strategies, by setting. */
    Map<String, String> partIds() {
        Map<String, String> ids = new LinkedHashMap<>();
        parts.forEach((setting, part) -> ids.put(setting, part.chosen().id()));
        return ids;
    }

    /** Returns what it and its parts need of model and loop. */
    Set<String> needs() {
        Set<String> needs = new HashSet<>(chosen.needs());
        parts.values().forEach(part -> needs.addAll(part.needs()));
        return needs;
    }
}
