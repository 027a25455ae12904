package dev.engram.config;

import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a file can say of a listener besides its strategies. */
enum Option {
    MEMORY("optMemory", "a path"),
    BASE("optBase", "one of warn, protect, ignore"),
    BASE_STRENGTH("optBaseStrength", "a number above 0 up to 100"),
    SAMPLE_CAPACITY("optSampleCapacity", "a whole number from 1"),
    SEED("optSeed", "a whole number"),
    ACCUMULATION("optAccumulation", "a whole number from 0");

    private final String method;
    private final String accepts;

    Option(String method, String accepts) {
        this.method = method;
        this.accepts = accepts;
    }

    static @Nullable Option of(String key) {
        return Arrays.stream(values()).filter(o -> o.key().equals(key)).findFirst().orElse(null);
    }

    static List<String> keys() {
        return Arrays.stream(values()).map(Option::key).toList();
    }

    String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns the builder's method, which its errors name. */
    String method() {
        return method;
    }

    /**
     * Sets it.
     *
     * @throws IllegalArgumentException if the text does not say a value
     */
    ForgettingListener.Builder apply(ForgettingListener.Builder builder, String text) {
        return switch (this) {
            case MEMORY -> builder.optMemory(Path.of(text));
            case BASE -> builder.optBase(Base.valueOf(text.toUpperCase(Locale.ROOT)));
            case BASE_STRENGTH -> builder.optBaseStrength(Double.parseDouble(text));
            case SAMPLE_CAPACITY -> builder.optSampleCapacity(Integer.parseInt(text));
            case SEED -> builder.optSeed(Long.parseLong(text));
            case ACCUMULATION -> builder.optAccumulation(Integer.parseInt(text));
        };
    }

    String refusal(@Nullable Object seen) {
        return "%s = \"%s\" is not acceptable: write %s".formatted(key(), seen, accepts);
    }
}
