package dev.engram.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where in a file things stand. */
final class Lines {

    private final Path file;
    private final ConfigObject root;

    Lines(Path file, ConfigObject root) {
        this.file = file;
        this.root = root;
    }

    /**
     * Returns what an object holds in the order in which it is written; HOCON itself keeps none.
     */
    List<Map.Entry<String, ConfigValue>> inOrder(ConfigObject object) {
        return object.entrySet().stream()
                .sorted(
                        Comparator.comparing(
                                        (Map.Entry<String, ConfigValue> e) ->
                                                e.getValue().origin().lineNumber())
                                .thenComparing(Map.Entry::getKey))
                .toList();
    }

    /** Returns where a value stands: file and line, or the variable that it is from. */
    String of(ConfigValue value) {
        ConfigOrigin origin = value.origin();
        if (origin.filename() == null) {
            return file + " (" + origin.description() + ")";
        }
        return relative(origin.filename()) + ":" + origin.lineNumber();
    }

    private String relative(String name) {
        return Path.of(name).toAbsolutePath().equals(file.toAbsolutePath())
                ? file.toString()
                : name;
    }

    /** Returns the value under some keys, or the last one on the way that is there. */
    @Nullable ConfigValue find(String... path) {
        ConfigValue at = null;
        ConfigObject within = root;
        for (String key : path) {
            ConfigValue next = within.get(key);
            if (next == null) {
                return at;
            }
            at = next;
            if (!(next instanceof ConfigObject object)) {
                return at;
            }
            within = object;
        }
        return at;
    }
}
