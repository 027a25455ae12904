package dev.engram.onnx.runtime;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which shapes the outputs had for inputs of which shapes; the latest only. Thread-safe. */
final class OutputShapes {

    private static final int KEPT = 64;

    private final Map<List<Shape>, List<Shape>> known =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<List<Shape>, List<Shape>> eldest) {
                    return size() > KEPT;
                }
            };

    private boolean varying;

    synchronized Optional<List<Shape>> of(List<Shape> inputs) {
        return Optional.ofNullable(known.get(inputs));
    }

    /** Keeps shapes, unless the same inputs' shapes once gave others: they depend on values. */
    synchronized void put(List<Shape> inputs, List<Shape> outputs) {
        List<Shape> earlier = known.get(inputs);
        if (earlier != null && !earlier.equals(outputs)) {
            varying = true;
            known.clear();
        } else if (!varying) {
            known.put(inputs, outputs);
        }
    }
}
