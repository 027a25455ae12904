package dev.engram.api.settings;

import dev.engram.api.Stable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * One typed setting of a strategy: its key, its default, and what values it accepts.
 *
 * <p>A provider declares its settings as constants and reads them from {@link Settings}; parsing,
 * checking and the error texts are done here once for all.
 *
 * @param <T> the type of the value
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class Setting<T> {

    /** Turns a raw value into a typed one; any {@link RuntimeException} means "not acceptable". */
    private interface Reader<T> {
        T read(String text);
    }

    /** Whole numbers up to here are written out. */
    private static final double SHORT = 1e7;

    private final String key;
    private final T defaultValue;
    private final String accepts;
    private final String purpose;
    private final Reader<T> reader;

    private Setting(String key, T defaultValue, String accepts, String purpose, Reader<T> reader) {
        this.key = key;
        this.defaultValue = defaultValue;
        this.accepts = accepts;
        this.purpose = purpose;
        this.reader = reader;
    }

    /** Returns a setting for a finite number between two bounds, both included. */
    public static Setting<Double> number(
            String key, double defaultValue, double least, double most, String purpose) {
        String accepts =
                "a number"
                        + bounds(
                                least > -Double.MAX_VALUE ? spell(least) : "",
                                most < Double.MAX_VALUE ? spell(most) : "");
        return new Setting<>(
                key,
                defaultValue,
                accepts,
                purpose,
                text -> {
                    double value = Double.parseDouble(text);
                    require(value >= least && value <= most);
                    return value;
                });
    }

    /** Returns a setting for a whole number between two bounds, both included. */
    public static Setting<Integer> integer(
            String key, int defaultValue, int least, int most, String purpose) {
        String accepts =
                "a whole number"
                        + bounds(
                                least > Integer.MIN_VALUE ? String.valueOf(least) : "",
                                most < Integer.MAX_VALUE ? String.valueOf(most) : "");
        return new Setting<>(
                key,
                defaultValue,
                accepts,
                purpose,
                text -> {
                    int value = Integer.parseInt(text);
                    require(value >= least && value <= most);
                    return value;
                });
    }

    /** Returns a setting for one of an enum's constants, written in lower case with hyphens. */
    public static <E extends Enum<E>> Setting<E> choice(
            String key, E defaultValue, String purpose) {
        List<E> options = Arrays.asList(defaultValue.getDeclaringClass().getEnumConstants());
        String accepts =
                options.stream()
                        .map(Setting::spell)
                        .collect(Collectors.joining(", ", "one of ", ""));
        return new Setting<>(
                key,
                defaultValue,
                accepts,
                purpose,
                text ->
                        options.stream()
                                .filter(option -> spell(option).equals(spell(text)))
                                .findFirst()
                                .orElseThrow());
    }

    /** Returns a setting for any text, such as a path. */
    public static Setting<String> text(
            String key, String defaultValue, String accepts, String purpose) {
        return new Setting<>(key, defaultValue, accepts, purpose, text -> text);
    }

    /** Returns the key, such as {@code lambda}: lower case, words joined by hyphens. */
    public String key() {
        return key;
    }

    /** Returns the value that holds when nothing is set. */
    public T defaultValue() {
        return defaultValue;
    }

    /** Returns what it accepts, in words, to complete the phrase "write ...". */
    public String accepts() {
        return accepts;
    }

    /** Returns what it is for, in one sentence. */
    public String purpose() {
        return purpose;
    }

    /**
     * Returns the typed form of a raw value: a string, or anything whose {@code toString} reads so.
     *
     * @throws IllegalArgumentException if the value is not acceptable, saying what to write instead
     */
    public T parse(Object raw) {
        try {
            return reader.read(raw.toString().trim());
        } catch (RuntimeException e) {
            String seen = key + " = \"" + raw + "\" is not acceptable";
            throw new IllegalArgumentException(seen + ": write " + accepts, e);
        }
    }

    /** Returns the text that {@link #parse} reads back to the same value. */
    public String format(T value) {
        return value instanceof Enum<?> constant ? spell(constant) : value.toString();
    }

    /** Bounds that only the type sets mean nothing to a reader, and are left out as "". */
    private static String bounds(String least, String most) {
        if (least.isEmpty()) {
            return most.isEmpty() ? "" : " of at most " + most;
        }
        return most.isEmpty() ? " of at least " + least : " from " + least + " to " + most;
    }

    private static String spell(double bound) {
        boolean isShort = bound == Math.rint(bound) && Math.abs(bound) < SHORT;
        return isShort
                ? String.valueOf((long) bound)
                : String.valueOf(bound).replace(".0E", "e").replace('E', 'e');
    }

    private static void require(boolean acceptable) {
        if (!acceptable) {
            throw new IllegalArgumentException("out of bounds");
        }
    }

    private static String spell(Object name) {
        return name.toString().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
