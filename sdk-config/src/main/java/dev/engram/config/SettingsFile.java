package dev.engram.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.djl.ForgettingListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A file in HOCON that says which strategies protect a model, with which settings.
 *
 * <pre>
 * memory = memory
 * base = protect
 * strategies {
 *   ewc-online { lambda = 0.05 }
 *   er { samples = 2000 }
 * }
 * </pre>
 *
 * <p>Keys mean what the builder's methods of those names do, and relative paths are, as in code,
 * relative to the working directory. Strategies are added in the order of their lines. {@code
 * ${NAME}} reads a variable of the environment. Immutable.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class SettingsFile {

    private static final String STRATEGIES = "strategies";

    private final Path file;
    private final ConfigObject root;

    private SettingsFile(Path file, ConfigObject root) {
        this.file = file;
        this.root = root;
    }

    /**
     * Reads a file; what stands in it is checked when a listener is made of it.
     *
     * @throws EngramException if there is none, or if it is no HOCON, naming the line
     */
    public static SettingsFile read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new EngramException(
                    "No settings file %s: give the path of one (a relative one starts at %s)"
                            .formatted(file, Path.of("").toAbsolutePath()));
        }
        try {
            Config read = ConfigFactory.parseFile(file.toFile()).resolve();
            return new SettingsFile(file, read.root());
        } catch (ConfigException e) {
            throw new EngramException(
                    "The settings file %s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    /**
     * Returns a new listener as the file says.
     *
     * @throws EngramException listing everything that is wrong, each with its file and line
     */
    public ForgettingListener newListener() {
        return newListener(builder -> {});
    }

    /**
     * Returns a new listener as the file says, and with what only code can say.
     *
     * @param code adds it to the builder, such as {@code optSubjects}, once the file is applied
     * @throws EngramException listing everything that is wrong, each with its file and line
     */
    public ForgettingListener newListener(Consumer<ForgettingListener.Builder> code) {
        ForgettingListener.Builder builder = ForgettingListener.builder();
        Lines lines = new Lines(file, root);
        FileProblems problems = new FileProblems(file, lines);
        apply(builder, lines, problems);
        code.accept(builder);
        try {
            if (problems.isEmpty()) {
                return builder.build();
            }
            builder.check();
        } catch (EngramException e) {
            problems.add(e);
        }
        throw problems.asOne();
    }

    private void apply(ForgettingListener.Builder builder, Lines lines, FileProblems problems) {
        for (Map.Entry<String, ConfigValue> entry : lines.inOrder(root)) {
            if (entry.getKey().equals(STRATEGIES)) {
                strategies(entry.getValue(), builder, lines, problems);
            } else {
                option(entry.getKey(), entry.getValue(), builder, problems);
            }
        }
    }

    private static void option(
            String key, ConfigValue value, ForgettingListener.Builder builder, FileProblems found) {
        Option option = Option.of(key);
        if (option == null) {
            found.add(value, unknown(key));
            return;
        }
        Object seen = value.unwrapped();
        try {
            if (!isOneValue(seen)) {
                throw new IllegalArgumentException("not one value");
            }
            option.apply(builder, seen.toString());
        } catch (IllegalArgumentException e) {
            found.add(value, option.refusal(seen));
        }
    }

    private static boolean isOneValue(@Nullable Object seen) {
        return seen != null && !(seen instanceof Map) && !(seen instanceof List);
    }

    private static String unknown(String key) {
        List<String> keys = new ArrayList<>(Option.keys());
        keys.add(STRATEGIES);
        return "unknown key \"%s\": did you mean \"%s\"? Known are %s"
                .formatted(key, Nearest.of(key, keys), String.join(", ", keys));
    }

    private static void strategies(
            ConfigValue value,
            ForgettingListener.Builder builder,
            Lines lines,
            FileProblems problems) {
        if (!(value instanceof ConfigObject strategies)) {
            problems.add(value, "strategies: write { ewc-online { lambda = 0.05 } }");
            return;
        }
        for (Map.Entry<String, ConfigValue> strategy : lines.inOrder(strategies)) {
            if (strategy.getValue() instanceof ConfigObject given) {
                builder.addStrategy(strategy.getKey(), settings(given, lines, problems));
            } else {
                String id = strategy.getKey();
                problems.add(
                        strategy.getValue(),
                        "strategy \"%s\": write its settings in braces, such as %s {}"
                                .formatted(id, id));
            }
        }
    }

    private static Map<String, Object> settings(
            ConfigObject given, Lines lines, FileProblems problems) {
        Map<String, Object> settings = new LinkedHashMap<>();
        for (Map.Entry<String, ConfigValue> setting : lines.inOrder(given)) {
            add(setting.getKey(), setting.getValue(), settings, lines, problems);
        }
        return settings;
    }

    /** In braces stand the settings of another strategy, of which this one takes a part. */
    private static void add(
            String key,
            ConfigValue value,
            Map<String, Object> settings,
            Lines lines,
            FileProblems problems) {
        if (value instanceof ConfigObject part) {
            settings(part, lines, problems).forEach((own, v) -> settings.put(key + "." + own, v));
        } else if (isOneValue(value.unwrapped()) || isListOfValues(value.unwrapped())) {
            settings.put(key, value.unwrapped());
        } else {
            problems.add(
                    value, "%s: write one value, a number or a text, or a list".formatted(key));
        }
    }

    private static boolean isListOfValues(@Nullable Object seen) {
        return seen instanceof List<?> list && list.stream().allMatch(SettingsFile::isOneValue);
    }
}
