package dev.engram.api.settings;

import dev.engram.api.Stable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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

    private static final String A_PATH = "a path";

    private final String key;
    private final T defaultValue;
    private final String accepts;
    private final String purpose;
    private final Reader<T> reader;
    private final Optional<String> role;

    private Setting(String key, T defaultValue, String accepts, String purpose, Reader<T> reader) {
        this(key, defaultValue, accepts, purpose, reader, Optional.empty());
    }

    private Setting(
            String key,
            T defaultValue,
            String accepts,
            String purpose,
            Reader<T> reader,
            Optional<String> role) {
        this.key = key;
        this.defaultValue = defaultValue;
        this.accepts = accepts;
        this.purpose = purpose;
        this.reader = reader;
        this.role = role;
    }

    /** Returns a setting for a finite number between two bounds, both included. */
    public static Setting<Double> number(
            String key, double defaultValue, double least, double most, String purpose) {
        return new Setting<>(
                key,
                defaultValue,
                Bounded.numbers(least, most),
                purpose,
                Bounded.number(least, most));
    }

    /**
     * Returns a setting for a finite number between two bounds, or nothing, which is unless set.
     */
    public static Setting<Optional<Double>> optionalNumber(
            String key, double least, double most, String purpose) {
        return optional(key, Bounded.numbers(least, most), purpose, Bounded.number(least, most));
    }

    /** Returns a setting for a whole number between two bounds, both included. */
    public static Setting<Integer> integer(
            String key, int defaultValue, int least, int most, String purpose) {
        return new Setting<>(
                key,
                defaultValue,
                Bounded.integers(least, most),
                purpose,
                Bounded.integer(least, most));
    }

    /** Returns a setting for a whole number between two bounds, or nothing, which is unless set. */
    public static Setting<Optional<Integer>> optionalInteger(
            String key, int least, int most, String purpose) {
        return optional(key, Bounded.integers(least, most), purpose, Bounded.integer(least, most));
    }

    /** Returns a setting for a whole number of 64 bits between two bounds, both included. */
    public static Setting<Long> wholeNumber(
            String key, long defaultValue, long least, long most, String purpose) {
        return new Setting<>(
                key,
                defaultValue,
                Bounded.integers(least, most),
                purpose,
                Bounded.wholeNumber(least, most));
    }

    /** Returns a setting that is on or off, written {@code true} or {@code false}. */
    public static Setting<Boolean> flag(String key, boolean defaultValue, String purpose) {
        return new Setting<>(key, defaultValue, "true or false", purpose, SettingTexts::flag);
    }

    /**
     * Returns a setting for any number of texts, written with commas between them, or given as a
     * collection; none of them is empty, or has a comma.
     *
     * @param accepts what a list may hold, such as "paths of layers, separated by commas"
     */
    public static Setting<List<String>> list(
            String key, List<String> defaultValue, String accepts, String purpose) {
        return new Setting<>(key, List.copyOf(defaultValue), accepts, purpose, SettingTexts::list);
    }

    /** Returns a setting for the path of a file or directory. */
    public static Setting<Path> path(String key, Path defaultValue, String purpose) {
        return new Setting<>(key, defaultValue, A_PATH, purpose, SettingTexts::path);
    }

    /** Returns a setting for the path of a file or directory, or nothing, which is unless set. */
    public static Setting<Optional<Path>> optionalPath(String key, String purpose) {
        return optional(key, A_PATH, purpose, SettingTexts::path);
    }

    /**
     * Returns a setting for the id of a strategy of which this one uses the part that it makes;
     * nothing unless set. The part's own settings are written as {@code id.key} beside it.
     *
     * @param role {@link dev.engram.api.spi.Role#SOURCE} or {@link
     *     dev.engram.api.spi.Role#IMPORTANCE}
     * @see dev.engram.api.spi.StrategyParts
     */
    public static Setting<Optional<String>> strategy(String key, String role, String purpose) {
        return new Setting<>(
                key,
                Optional.empty(),
                "the id of a strategy whose role is " + role,
                purpose,
                text -> Optional.of(SettingTexts.filled(text)),
                Optional.of(role));
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

    /** Returns a setting for any text. */
    public static Setting<String> text(
            String key, String defaultValue, String accepts, String purpose) {
        return new Setting<>(key, defaultValue, accepts, purpose, text -> text);
    }

    /** Returns a setting for any text but an empty one, or nothing, which is unless set. */
    public static Setting<Optional<String>> optionalText(
            String key, String accepts, String purpose) {
        return optional(key, accepts, purpose, SettingTexts::filled);
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

    /**
     * Returns the role that a strategy must play whose id is the value; nothing for all settings
     * but those that {@link #strategy} makes.
     */
    public Optional<String> strategyRole() {
        return role;
    }

    /** Returns what it is for, in one sentence. */
    public String purpose() {
        return purpose;
    }

    /**
     * Returns the typed form of a raw value: a string, anything whose {@code toString} reads so, or
     * a collection of them for a {@link #list}. A number is no path.
     *
     * @throws IllegalArgumentException if the value is not acceptable, saying what to write instead
     */
    public T parse(Object raw) {
        try {
            requireNoNumberForPath(raw);
            boolean isList = defaultValue instanceof List;
            return reader.read((isList ? SettingTexts.of(raw) : SettingTexts.ofOne(raw)).trim());
        } catch (RuntimeException e) {
            String seen = key + " = \"" + raw + "\" is not acceptable";
            throw new IllegalArgumentException(seen + ": write " + accepts, e);
        }
    }

    /** It would be a directory of that name, next to where the program happens to run. */
    private void requireNoNumberForPath(Object raw) {
        if (accepts.equals(A_PATH) && (raw instanceof Number || raw instanceof Boolean)) {
            throw new IllegalArgumentException(raw.getClass().getSimpleName());
        }
    }

    /**
     * Returns the text that {@link #parse} reads back to the same value; an empty one for a value
     * that is nothing, which is said by leaving the setting out.
     */
    public String format(T value) {
        return text(value);
    }

    private static String text(Object value) {
        if (value instanceof Optional<?> optional) {
            return optional.map(Setting::text).orElse("");
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Setting::text).collect(Collectors.joining(", "));
        }
        return value instanceof Enum<?> constant ? spell(constant) : value.toString();
    }

    private static <T> Setting<Optional<T>> optional(
            String key, String accepts, String purpose, Reader<T> reader) {
        return new Setting<>(
                key, Optional.empty(), accepts, purpose, text -> Optional.of(reader.read(text)));
    }

    private static String spell(Object name) {
        return name.toString().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
