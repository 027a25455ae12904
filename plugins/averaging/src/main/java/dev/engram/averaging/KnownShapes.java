package dev.engram.averaging;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.kit.shape.Growth;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The shapes of what was learnt: of a model that has grown since, they tell the old from the new.
 */
final class KnownShapes {

    private static final String TEXT = "shapes";

    private final Map<String, Shape> shapes = new LinkedHashMap<>();

    /** Takes those of the model as it is. */
    void take(TrainingView training) {
        shapes.clear();
        try (NDManager scratch = training.manager().newSubManager()) {
            training.model()
                    .values(scratch)
                    .forEach((name, value) -> shapes.put(name, value.getShape()));
        }
    }

    /**
     * Returns what of a model's values was learnt: of what has grown its begin, and nothing of what
     * is new, or has become another.
     */
    Map<String, NDArray> among(Map<String, NDArray> values, NDManager scratch) {
        if (shapes.isEmpty()) {
            return values;
        }
        Map<String, NDArray> learnt = new LinkedHashMap<>();
        values.forEach(
                (name, value) -> {
                    Shape known = shapes.get(name);
                    if (value.getShape().equals(known)) {
                        learnt.put(name, value);
                    } else if (known != null && Growth.of(known, value.getShape())) {
                        NDArray begin = Growth.begin(value, known);
                        begin.attach(scratch);
                        learnt.put(name, begin);
                    }
                });
        return learnt;
    }

    void save(MemoryWriter memory) {
        memory.text(
                TEXT,
                shapes.entrySet().stream()
                        .map(each -> written(each.getValue()) + " " + each.getKey())
                        .collect(Collectors.joining("\n")));
    }

    private static String written(Shape shape) {
        return Arrays.stream(shape.getShape())
                .mapToObj(String::valueOf)
                .collect(Collectors.joining("x"));
    }

    /** A memory of an earlier version has none: then all that a model has counts as learnt. */
    void restore(MemoryReader memory) {
        shapes.clear();
        memory.text(TEXT)
                .filter(text -> !text.isEmpty())
                .ifPresent(text -> text.lines().forEach(this::read));
    }

    private void read(String line) {
        int end = line.indexOf(' ');
        String sizes = line.substring(0, end);
        long[] shape =
                sizes.isEmpty()
                        ? new long[0]
                        : Arrays.stream(sizes.split("x", -1)).mapToLong(Long::parseLong).toArray();
        shapes.put(line.substring(end + 1), new Shape(shape));
    }
}
