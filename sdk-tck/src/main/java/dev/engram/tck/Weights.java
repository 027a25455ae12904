package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.nn.Parameter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A model's values on the host, to be compared and put back. */
final class Weights {

    private final Map<String, float[]> values = new LinkedHashMap<>();

    private Weights() {}

    static Weights of(Model model) {
        Weights weights = new Weights();
        model.getBlock()
                .getParameters()
                .forEach(
                        entry ->
                                weights.values.put(
                                        entry.getKey(),
                                        entry.getValue().getArray().toFloatArray()));
        return weights;
    }

    Map<String, float[]> values() {
        return values;
    }

    void putInto(Model model) {
        model.getBlock()
                .getParameters()
                .forEach(
                        entry -> {
                            Parameter parameter = entry.getValue();
                            parameter.getArray().set(values.get(entry.getKey()));
                        });
    }

    /**
     * Requires the values of others, bit for bit.
     *
     * @param hint what those that differ tell
     */
    void requireSame(Weights other, String hint) {
        assertThat(differences(other)).as("parameters that differ: %s", hint).isEmpty();
    }

    /** Returns the parameters of other values, or that are missing in one of both. */
    private List<String> differences(Weights other) {
        Set<String> names = new TreeSet<>(values.keySet());
        names.addAll(other.values.keySet());
        return names.stream()
                .filter(name -> !Arrays.equals(values.get(name), other.values.get(name)))
                .map(name -> difference(name, values.get(name), other.values.get(name)))
                .toList();
    }

    private static String difference(
            String name, float @Nullable [] one, float @Nullable [] other) {
        if (one == null || other == null || one.length != other.length) {
            return name + " (of another shape, or in one of both alone)";
        }
        float largest = 0;
        for (int i = 0; i < one.length; i++) {
            largest = Math.max(largest, Math.abs(one[i] - other[i]));
        }
        return "%s (by up to %s)".formatted(name, largest);
    }
}
