package dev.engram.djl.internal.wiring;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings that the runtime adds to a strategy, read. Where the strategy declares one of the
 * same key, that is the one that users set, and its value, or its default, counts for both.
 */
final class SharedSettings implements Settings {

    private final Settings all;
    private final Map<String, Object> values = new HashMap<>();

    /**
     * Creates them.
     *
     * @param all the strategy's own settings and those that it does not declare itself
     * @param problems to which each value is added that the strategy takes and the runtime does not
     */
    SharedSettings(
            ChosenStrategy chosen, Settings all, List<Setting<?>> shared, List<String> problems) {
        this.all = all;
        List<Setting<?>> own = chosen.settings();
        for (Setting<?> setting : shared) {
            find(own, setting.key())
                    .ifPresentOrElse(
                            declared -> take(chosen, declared, setting, problems),
                            () -> values.put(setting.key(), all.get(setting)));
        }
    }

    private void take(
            ChosenStrategy chosen, Setting<?> own, Setting<?> shared, List<String> problems) {
        String text = text(own);
        try {
            // Nothing, of one that may be absent, leaves the runtime's default.
            values.put(shared.key(), text.isEmpty() ? shared.defaultValue() : shared.parse(text));
        } catch (IllegalArgumentException e) {
            if (!all.isSet(own)) {
                throw chosen.part()
                        .refusal(
                                "declares the setting \"%s\", which the runtime has, too: its default becomes the runtime's, and %s; give it such a default, or another key"
                                        .formatted(own.key(), e.getMessage()));
            }
            problems.add(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<Setting<?>> find(List<Setting<?>> settings, String key) {
        return settings.stream().filter(setting -> setting.key().equals(key)).findFirst();
    }

    private <T> String text(Setting<T> own) {
        return own.format(all.get(own));
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T get(Setting<T> setting) {
        return (T) Optional.ofNullable(values.get(setting.key())).orElse(setting.defaultValue());
    }

    @Override
    public boolean isSet(Setting<?> setting) {
        return values.containsKey(setting.key()) && all.isSet(setting);
    }

    @Override
    public Map<String, String> asText() {
        return all.asText();
    }
}
