package dev.engram.tck;

import ai.djl.Model;
import ai.djl.nn.Parameter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

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

    boolean same(Weights other) {
        return values.keySet().equals(other.values.keySet())
                && values.entrySet().stream()
                        .allMatch(e -> Arrays.equals(e.getValue(), other.values.get(e.getKey())));
    }
}
