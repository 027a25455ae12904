package dev.engram.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import dev.engram.api.EngramException;
import dev.engram.api.settings.SettingsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a file: its own mistakes and those that the builder finds, each with its line.
 */
final class FileProblems {

    private final Path file;
    private final Lines lines;
    private final List<String> texts = new ArrayList<>();
    private @Nullable EngramException cause;

    FileProblems(Path file, Lines lines) {
        this.file = file;
        this.lines = lines;
    }

    boolean isEmpty() {
        return texts.isEmpty();
    }

    void add(@Nullable ConfigValue at, String text) {
        texts.add((at == null ? file.toString() : lines.of(at)) + ": " + text);
    }

    /** Adds what the builder says, one by one where it says several things. */
    void add(EngramException error) {
        cause = error;
        for (EngramException part : parts(error)) {
            if (part instanceof SettingsException settings) {
                settings.problems().forEach(text -> add(settings.strategy(), text));
            } else {
                String text = String.valueOf(part.getMessage());
                add(named(text), text);
            }
        }
    }

    EngramException asOne() {
        String head =
                "The settings file %s has %s %s:"
                        .formatted(file, texts.size(), texts.size() == 1 ? "problem" : "problems");
        return new EngramException(head + "\n  - " + String.join("\n  - ", texts), cause);
    }

    private void add(String strategy, String problem) {
        ConfigValue at = lines.find("strategies", strategy);
        if (at instanceof ConfigObject settings) {
            at = setting(settings, problem).orElse(at);
        }
        add(at, "strategy \"%s\": %s".formatted(strategy, problem));
    }

    /** Problems begin with the key that they are about, or have it in quotes if it is unknown. */
    private static Optional<ConfigValue> setting(ConfigObject settings, String problem) {
        return settings.entrySet().stream()
                .filter(
                        entry ->
                                problem.startsWith(entry.getKey() + " ")
                                        || problem.startsWith(entry.getKey() + ".")
                                        || problem.startsWith(
                                                "unknown setting \"" + entry.getKey() + "\""))
                .<ConfigValue>map(Map.Entry::getValue)
                .findFirst();
    }

    /** Returns the strategy or option that a text is about. */
    private @Nullable ConfigValue named(String text) {
        for (Option option : Option.values()) {
            if (text.startsWith(option.method() + "(")) {
                return lines.find(option.key());
            }
        }
        ConfigValue strategies = lines.find("strategies");
        Set<String> ids = strategies instanceof ConfigObject object ? object.keySet() : Set.of();
        return ids.stream()
                .filter(id -> text.contains(quoted(id)))
                .min(Comparator.comparingInt(id -> text.indexOf(quoted(id))))
                .map(id -> lines.find("strategies", id))
                .orElse(strategies);
    }

    private static String quoted(String id) {
        return "\"" + id + "\"";
    }

    private static List<EngramException> parts(EngramException error) {
        List<EngramException> parts =
                Stream.concat(Stream.ofNullable(error.getCause()), Stream.of(error.getSuppressed()))
                        .filter(EngramException.class::isInstance)
                        .map(EngramException.class::cast)
                        .toList();
        String together =
                parts.stream().map(EngramException::getMessage).collect(Collectors.joining("\n"));
        return together.equals(error.getMessage()) ? parts : List.of(error);
    }
}
