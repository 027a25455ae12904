package dev.engram.api.settings;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** How values of settings are written. */
final class SettingTexts {

    /** Whole numbers up to here are written out. */
    private static final double SHORT = 1e7;

    private SettingTexts() {}

    /** Returns a raw value as text: of a collection its elements with commas between them. */
    static String of(Object raw) {
        return raw instanceof Collection<?> many
                ? many.stream().map(String::valueOf).collect(Collectors.joining(","))
                : raw.toString();
    }

    static String ofOne(Object raw) {
        if (raw instanceof Collection) {
            throw new IllegalArgumentException("several values");
        }
        return raw.toString();
    }

    /** Returns the shortest text that reads back to the same number. */
    static String number(double number) {
        boolean isShort = number == Math.rint(number) && Math.abs(number) < SHORT;
        return isShort
                ? String.valueOf((long) number)
                : String.valueOf(number).replace(".0E", "e").replace('E', 'e');
    }

    static boolean flag(String text) {
        if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
            return text.equalsIgnoreCase("true");
        }
        throw new IllegalArgumentException("neither true nor false");
    }

    static List<String> list(String text) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(",", -1))
                        .map(String::trim)
                        .map(SettingTexts::filled)
                        .toList();
    }

    static Path path(String text) {
        return Path.of(filled(text));
    }

    static String filled(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("empty");
        }
        return text;
    }
}
