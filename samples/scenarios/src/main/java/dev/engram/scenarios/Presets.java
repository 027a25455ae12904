package dev.engram.scenarios;

import dev.engram.scenarios.command.BadInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * The settings of strategies for each protocol and scenario, from {@code presets.properties}, and
 * what the user sets over them.
 */
public final class Presets {

    private final Properties presets;
    private final Map<String, String> overrides;

    /**
     * Reads the presets.
     *
     * @param overrides values by {@code strategy.key}, such as {@code ewc.lambda}
     */
    public Presets(Map<String, String> overrides) {
        this(read(), overrides);
    }

    private Presets(Properties presets, Map<String, String> overrides) {
        this.presets = presets;
        this.overrides = new TreeMap<>(overrides);
        requireKeys(overrides);
    }

    /** Returns no presets at all: every strategy runs with its defaults and the overrides. */
    public static Presets none(Map<String, String> overrides) {
        return new Presets(new Properties(), overrides);
    }

    /** Says in a word where settings come from: presets, defaults, or the user. */
    public String describe() {
        if (!overrides.isEmpty()) {
            return "set by hand";
        }
        return presets.isEmpty() ? "defaults" : "presets";
    }

    private static Properties read() {
        Properties presets = new Properties();
        try (InputStream in = Presets.class.getResourceAsStream("presets.properties")) {
            presets.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return presets;
    }

    private static void requireKeys(Map<String, String> overrides) {
        for (String key : overrides.keySet()) {
            if (key.indexOf('.') < 1) {
                throw new BadInputException(
                        "--set "
                                + key
                                + ": write strategy.setting=value, such as ewc-online.lambda=0.01");
            }
        }
    }

    /**
     * Returns the settings of each of several strategies on one listener.
     *
     * <p>A preset of the combination, {@code protocol.scenario.ewc-online+er.ewc-online.lambda},
     * goes before that of the strategy alone.
     *
     * @param strategies ids joined by {@code +}, such as {@code ewc-online+er}
     */
    public Map<String, Map<String, String>> settings(
            String protocol, Scenario scenario, String strategies) {
        String place = (protocol + "." + scenario + ".").toLowerCase(Locale.ROOT);
        Map<String, Map<String, String>> all = new LinkedHashMap<>();
        for (String id : strategies.split("\\+", -1)) {
            if (id.isBlank() || id.contains(",") || all.containsKey(id)) {
                throw new BadInputException(
                        "\"%s\": join different strategies by a plus sign, such as ewc-online+er"
                                .formatted(strategies));
            }
            Map<String, String> settings = new LinkedHashMap<>();
            addAll(place + id + ".", presets, settings);
            addAll(place + strategies + "." + id + ".", presets, settings);
            addAll(id + ".", overrides, settings);
            all.put(id, settings);
        }
        return all;
    }

    /** Refuses an override for a strategy that does not run, because it would change nothing. */
    public void requireUsed(Iterable<String> strategies) {
        for (String key : overrides.keySet()) {
            boolean used = false;
            for (String together : strategies) {
                for (String strategy : together.split("\\+", -1)) {
                    used |= key.startsWith(strategy + ".");
                }
            }
            if (!used) {
                throw new BadInputException(
                        "--set %s: no strategy of that name runs; running are %s"
                                .formatted(key, strategies));
            }
        }
    }

    private static void addAll(String prefix, Map<?, ?> from, Map<String, String> to) {
        from.forEach(
                (key, value) -> {
                    if (key.toString().startsWith(prefix)) {
                        to.put(key.toString().substring(prefix.length()), value.toString());
                    }
                });
    }
}
