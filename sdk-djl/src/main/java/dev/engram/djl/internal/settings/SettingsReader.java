package dev.engram.djl.internal.settings;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.settings.SettingsException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Turns the raw settings of a strategy into checked ones, or reports everything wrong at once. */
public final class SettingsReader {

    private SettingsReader() {}

    /**
     * Returns the checked settings.
     *
     * @throws SettingsException listing every unknown key and every value that is not acceptable
     */
    public static Settings read(String strategyId, List<Setting<?>> declared, Map<String, ?> raw) {
        return read(strategyId, declared, raw, key -> "");
    }

    /**
     * Returns the checked settings.
     *
     * @param more what to add where a key is unknown
     * @throws SettingsException listing every unknown key and every value that is not acceptable
     */
    public static Settings read(
            String strategyId,
            List<Setting<?>> declared,
            Map<String, ?> raw,
            UnaryOperator<String> more) {
        List<String> problems = new ArrayList<>();
        Map<String, Object> values = new LinkedHashMap<>();
        for (Setting<?> setting : declared) {
            Object given = raw.get(setting.key());
            try {
                Object value = given == null ? setting.defaultValue() : setting.parse(given);
                values.put(setting.key(), value);
            } catch (IllegalArgumentException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        raw.keySet().stream()
                .filter(key -> declared.stream().noneMatch(setting -> setting.key().equals(key)))
                .map(key -> unknown(key, declared) + more.apply(key))
                .forEach(problems::add);
        if (!problems.isEmpty()) {
            throw new SettingsException(strategyId, problems);
        }
        return new CheckedSettings(declared, values, Set.copyOf(raw.keySet()));
    }

    private static String unknown(String key, List<Setting<?>> declared) {
        List<String> keys = declared.stream().map(Setting::key).toList();
        return keys.isEmpty()
                ? "unknown setting \"" + key + "\": this strategy has none"
                : "unknown setting \"%s\": did you mean \"%s\"? Known are %s"
                        .formatted(key, nearest(key, keys), String.join(", ", keys));
    }

    /** Returns the candidate that takes the fewest edits to reach. */
    public static String nearest(String seen, List<String> candidates) {
        return candidates.stream()
                .min(Comparator.comparingInt(candidate -> distance(seen, candidate)))
                .orElseThrow();
    }

    /** Returns how many edits lead from one text to another. */
    public static int distance(String seen, String other) {
        return LevenshteinDistance.getDefaultInstance().apply(seen, other);
    }

    private record CheckedSettings(
            List<Setting<?>> declared, Map<String, Object> values, Set<String> given)
            implements Settings {

        @Override
        @SuppressWarnings("unchecked")
        public <T> T get(Setting<T> setting) {
            Object value = values.get(setting.key());
            if (value == null) {
                throw new IllegalArgumentException(
                        "Setting \""
                                + setting.key()
                                + "\" was read but never declared in settings()");
            }
            return (T) value;
        }

        @Override
        public boolean isSet(Setting<?> setting) {
            return given.contains(setting.key());
        }

        @Override
        public Map<String, String> asText() {
            Map<String, String> text = new LinkedHashMap<>();
            for (Setting<?> setting : declared) {
                if (!Optional.empty().equals(values.get(setting.key()))) {
                    text.put(setting.key(), format(setting));
                }
            }
            return text;
        }

        private <T> String format(Setting<T> setting) {
            return setting.format(get(setting));
        }
    }
}
