package dev.engram.djl.internal.wiring;

import dev.engram.api.EngramException;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.settings.SettingsException;
import dev.engram.djl.internal.settings.SettingsReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Reads the settings of a strategy, and of those whose parts it is made with: {@code source =
 * acme-gauss} names one, and {@code acme-gauss.bins = 3} is a setting of that.
 */
final class StrategyReading {

    private final Function<String, ChosenStrategy> strategies;

    StrategyReading(Function<String, ChosenStrategy> strategies) {
        this.strategies = strategies;
    }

    /**
     * Returns the strategy with its settings.
     *
     * @throws SettingsException listing everything that is wrong with them
     */
    ReadyStrategy read(ChosenStrategy chosen, Map<String, ?> raw) {
        return read(chosen, raw, Joined.settings(chosen.ownRoles()));
    }

    private ReadyStrategy read(ChosenStrategy chosen, Map<String, ?> raw, List<Setting<?>> shared) {
        List<Setting<?>> own = chosen.settings();
        List<Setting<?>> added = shared.stream().filter(setting -> !hasKey(own, setting)).toList();
        List<Setting<?>> all = new ArrayList<>(own);
        all.addAll(added);
        Map<String, Object> rest = new LinkedHashMap<>(raw);
        List<String> problems = new ArrayList<>();
        Map<String, ReadyStrategy> parts = parts(own, rest, problems);
        try {
            Settings read =
                    SettingsReader.read(chosen.id(), all, rest, key -> Joined.owner(chosen, key));
            Settings joined = new SharedSettings(chosen, read, shared, problems);
            if (problems.isEmpty()) {
                return new ReadyStrategy(chosen, read, joined, parts);
            }
        } catch (SettingsException e) {
            problems.addAll(e.problems());
        }
        throw new SettingsException(chosen.id(), problems);
    }

    private static boolean hasKey(List<Setting<?>> settings, Setting<?> like) {
        return settings.stream().anyMatch(setting -> setting.key().equals(like.key()));
    }

    /** Reads the parts, and takes their settings out of the rest. */
    private Map<String, ReadyStrategy> parts(
            List<Setting<?>> own, Map<String, Object> rest, List<String> problems) {
        Map<String, ReadyStrategy> parts = new LinkedHashMap<>();
        for (Setting<?> setting : own) {
            Object id = rest.get(setting.key());
            if (setting.strategyRole().isPresent() && id != null) {
                Map<String, Object> settings = takeOf(id.toString(), rest);
                try {
                    String role = setting.strategyRole().orElseThrow();
                    parts.put(setting.key(), read(part(id.toString(), role), settings, List.of()));
                } catch (SettingsException e) {
                    e.problems().forEach(problem -> problems.add(id + "." + problem));
                } catch (EngramException e) {
                    problems.add(
                            "%s = \"%s\" is not acceptable: %s"
                                    .formatted(setting.key(), id, e.getMessage()));
                }
            }
        }
        return parts;
    }

    private ChosenStrategy part(String id, String role) {
        ChosenStrategy part = strategies.apply(id);
        if (!part.ownRoles().contains(role)) {
            throw part.part()
                    .refusal("does not play the role \"%s\": name one that does".formatted(role));
        }
        return part;
    }

    private static Map<String, Object> takeOf(String id, Map<String, Object> rest) {
        String prefix = id + ".";
        Map<String, Object> taken =
                rest.entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith(prefix))
                        .collect(
                                Collectors.toMap(
                                        entry -> entry.getKey().substring(prefix.length()),
                                        Map.Entry::getValue));
        rest.keySet().removeIf(key -> key.startsWith(prefix));
        return taken;
    }
}
