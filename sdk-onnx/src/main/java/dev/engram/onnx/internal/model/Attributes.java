package dev.engram.onnx.internal.model;

import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.OnnxException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a node was told besides its inputs: {@code axis}, {@code epsilon}, {@code perm}. */
public final class Attributes {

    /** Attributes that name an element type. */
    private static final Set<String> TYPES = Set.of("to", "dtype", "stash_type");

    private final String where;
    private final Map<String, Object> values;

    Attributes(String where, Map<String, Object> values) {
        this.where = where;
        this.values = Map.copyOf(values);
    }

    /** Returns the same attributes without the values of large tensors. */
    Attributes outline() {
        Map<String, Object> outlines = new HashMap<>(values);
        outlines.replaceAll(
                (name, value) -> {
                    if (value instanceof Tensor tensor) {
                        return tensor.outline();
                    }
                    return value instanceof Graph graph ? graph.outline() : value;
                });
        return new Attributes(where, outlines);
    }

    /** Returns the same attributes with float32 in place of float16. */
    Attributes widened() {
        Map<String, Object> wide = new HashMap<>(values);
        wide.replaceAll(
                (name, value) -> {
                    if (value instanceof Tensor tensor) {
                        return tensor.widened();
                    }
                    return value instanceof Graph graph ? graph.widened() : widened(name, value);
                });
        return new Attributes(where, wide);
    }

    private static Object widened(String name, Object value) {
        boolean isHalf = TYPES.contains(name) && value.equals((long) ElementType.FLOAT16.code());
        return isHalf ? (Object) (long) ElementType.FLOAT.code() : value;
    }

    /** Returns whether the attribute is stated. */
    public boolean has(String name) {
        return values.containsKey(name);
    }

    /** Returns an integer, or {@code otherwise} if it is not stated. */
    public long integer(String name, long otherwise) {
        return find(name, Long.class).orElse(otherwise);
    }

    /** Returns a number, or {@code otherwise} if it is not stated. */
    public float number(String name, float otherwise) {
        return find(name, Float.class).orElse(otherwise);
    }

    /** Returns a text, or {@code otherwise} if it is not stated. */
    public String text(String name, String otherwise) {
        return find(name, String.class).orElse(otherwise);
    }

    /** Returns integers, if stated. */
    public Optional<long[]> integers(String name) {
        return find(name, long[].class).map(long[]::clone);
    }

    /** Returns numbers, if stated. */
    public Optional<float[]> numbers(String name) {
        return find(name, float[].class).map(float[]::clone);
    }

    /** Returns a constant tensor, if stated. */
    public Optional<Tensor> tensor(String name) {
        return find(name, Tensor.class);
    }

    /** Returns a graph, such as a branch of {@code If}, if stated. */
    public Optional<Graph> graph(String name) {
        return find(name, Graph.class);
    }

    /** Returns all graphs that the node carries. */
    public List<Graph> graphs() {
        return values.values().stream()
                .filter(Graph.class::isInstance)
                .map(Graph.class::cast)
                .toList();
    }

    private <T> Optional<T> find(String name, Class<T> type) {
        Object value = values.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!type.isInstance(value)) {
            throw new OnnxException(
                    "The attribute %s of %s is of the type %s, not %s; export the model again"
                            .formatted(
                                    name,
                                    where,
                                    value.getClass().getSimpleName(),
                                    type.getSimpleName()));
        }
        return Optional.of(type.cast(value));
    }

    @Override
    public String toString() {
        return Arrays.toString(values.keySet().stream().sorted().toArray());
    }
}
