package dev.engram.kit.files;

import ai.djl.ndarray.types.Shape;
import com.google.gson.stream.JsonReader;
import dev.engram.kit.files.SafetensorsHeader.TensorEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One entry of a safetensors header as it stands there, which need not make sense. */
final class TensorDraft {

    private static final int MOST_AXES = 32;

    private final Set<String> fields = new HashSet<>();
    private final List<String> problems = new ArrayList<>();
    private @Nullable String dtype;
    private long @Nullable [] shape;
    private long @Nullable [] offsets;

    void read(JsonReader json) throws IOException {
        json.beginObject();
        while (json.hasNext()) {
            String field = json.nextName();
            if (!fields.add(field)) {
                problems.add("states its " + field + " twice");
            }
            switch (field) {
                case "dtype" -> dtype = json.nextString();
                case "shape" -> shape = numbers(json);
                case "data_offsets" -> offsets = numbers(json);
                default -> json.skipValue();
            }
        }
        json.endObject();
    }

    private long[] numbers(JsonReader json) throws IOException {
        List<Long> numbers = new ArrayList<>();
        json.beginArray();
        while (json.hasNext()) {
            long number = json.nextLong();
            if (numbers.size() <= MOST_AXES) {
                numbers.add(number);
            }
        }
        json.endArray();
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }

    /** Returns what is wrong with it, nothing if it makes sense. */
    List<String> problems() {
        if (dtype == null || shape == null || offsets == null) {
            problems.add("lacks one of dtype, shape and data_offsets");
        } else if (ElementType.of(dtype).isEmpty()) {
            problems.add(
                    "is of type %s; the types that are read: %s"
                            .formatted(dtype, ElementType.names()));
        } else if (offsets.length != 2 || offsets[0] < 0 || offsets[1] < offsets[0]) {
            problems.add("has no span of bytes: data_offsets " + Arrays.toString(offsets));
        } else if (shape.length > MOST_AXES) {
            problems.add("has more than %s axes".formatted(MOST_AXES));
        } else {
            checkSize(shape, offsets[1] - offsets[0], ElementType.valueOf(dtype));
        }
        return problems;
    }

    private void checkSize(long[] axes, long bytes, ElementType type) {
        Optional<Long> needed = product(axes, type.bytes());
        if (needed.isEmpty() || needed.get() != bytes) {
            problems.add(
                    "has %s bytes, but shape %s of %s needs %s"
                            .formatted(
                                    bytes,
                                    Arrays.toString(axes),
                                    type,
                                    needed.map(String::valueOf).orElse("no possible number")));
        } else if (bytes * (Float.BYTES / Math.min(Float.BYTES, type.bytes()))
                > Integer.MAX_VALUE) {
            problems.add("has %s bytes; DJL takes 2 GiB at once".formatted(bytes));
        }
    }

    private static Optional<Long> product(long[] axes, long start) {
        long product = start;
        boolean empty = false;
        for (long axis : axes) {
            if (axis < 0 || axis > Integer.MAX_VALUE) {
                return Optional.empty();
            }
            empty |= axis == 0;
            product = empty ? 0 : product * axis;
            if (product > Long.MAX_VALUE / Integer.MAX_VALUE) {
                return Optional.empty();
            }
        }
        return Optional.of(product);
    }

    TensorEntry entry(String name) {
        if (dtype == null || shape == null || offsets == null) {
            throw new IllegalStateException(name);
        }
        return new TensorEntry(
                name, ElementType.valueOf(dtype), new Shape(shape), offsets[0], offsets[1]);
    }
}
