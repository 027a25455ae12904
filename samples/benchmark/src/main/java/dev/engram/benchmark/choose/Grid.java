package dev.engram.benchmark.choose;

import dev.engram.scenarios.command.BadInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Every value of a setting with every value of the others. */
public final class Grid {

    private static final Pattern COLON = Pattern.compile(":");

    private Grid() {}

    /**
     * Returns what is to be tried of one strategy.
     *
     * @param values by {@code strategy.key}, joined by colons
     * @throws BadInputException if nothing is to be tried of it
     */
    public static List<Map<String, String>> of(Map<String, String> values, String strategy) {
        List<Map<String, String>> all = List.of(Map.of());
        for (Map.Entry<String, String> setting : values.entrySet()) {
            if (isOf(strategy, setting.getKey())) {
                all = times(all, setting.getKey(), setting.getValue());
            }
        }
        if (all.get(0).isEmpty()) {
            throw new BadInputException(
                    "Nothing to try of %s: write --try %s.lambda=0.1:1:10, for example"
                            .formatted(strategy, strategy));
        }
        return all;
    }

    private static boolean isOf(String together, String key) {
        for (String strategy : together.split("\\+", -1)) {
            if (key.startsWith(strategy + ".")) {
                return true;
            }
        }
        return false;
    }

    private static List<Map<String, String>> times(
            List<Map<String, String>> all, String key, String values) {
        List<Map<String, String>> next = new ArrayList<>();
        for (Map<String, String> before : all) {
            for (String value : COLON.split(values, -1)) {
                Map<String, String> with = new LinkedHashMap<>(before);
                with.put(key, value);
                next.add(with);
            }
        }
        return next;
    }
}
