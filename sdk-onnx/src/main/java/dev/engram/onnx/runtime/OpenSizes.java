package dev.engram.onnx.runtime;

import java.util.Arrays;
import java.util.Locale;

/** How long an input's open dimension is made where the input is made up. */
enum OpenSizes {
    ALL_ONE {
        @Override
        long of(String input, String dimension, int axis) {
            return 1;
        }
    },

    /** A cache of one position, and what is as long as that and the new one by its own name. */
    BY_NAME {
        @Override
        long of(String input, String dimension, int axis) {
            return Arrays.stream(dimension.split("\\+", -1))
                    .mapToLong(part -> term(part.strip()))
                    .sum();
        }
    },

    /** A cache that is empty, as before the first token: then all other lengths are that of one. */
    EMPTY_CACHE {
        @Override
        long of(String input, String dimension, int axis) {
            String name = input.toLowerCase(Locale.ROOT);
            boolean isCache = name.contains("past") || name.contains("cache");
            return isCache && axis > 0 ? 0 : 1;
        }
    };

    /**
     * Returns a size.
     *
     * @param dimension its name, such as {@code past_sequence_length + 1}; may be empty
     */
    abstract long of(String input, String dimension, int axis);

    private static long term(String part) {
        if (part.matches("[0-9]{1,4}")) {
            return Long.parseLong(part);
        }
        return part.contains("total") ? 2 : 1;
    }
}
