package dev.engram.kit.shape;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.Experimental;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compares the shapes of a model's parameters with those that a memory is about.
 *
 * <p>A model may get a new head: its last parameters have more rows, for new classes, or the last
 * layer is another one. All before it must be as it was.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class ModelShapes {

    private ModelShapes() {}

    /** Returns the shapes of the parameters that have values, in the model's order. */
    public static Map<String, Shape> of(Block block) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            if (entry.getValue().isInitialized()) {
                shapes.put(entry.getKey(), entry.getValue().getArray().getShape());
            }
        }
        return shapes;
    }

    /**
     * Returns what differs, a line a parameter.
     *
     * @param now in the model's order
     */
    public static List<String> differences(Map<String, Shape> known, Map<String, Shape> now) {
        List<String> differences = new ArrayList<>();
        known.forEach(
                (name, shape) -> {
                    Shape found = now.get(name);
                    if (!shape.equals(found)) {
                        differences.add(
                                "%s had shape %s, and now %s"
                                        .formatted(name, shape, found == null ? "none" : found));
                    }
                });
        return differences;
    }

    /** Returns whether all that differs is the model's head. */
    public static boolean differInHead(Map<String, Shape> known, Map<String, Shape> now) {
        List<String> kept =
                now.entrySet().stream()
                        .filter(entry -> entry.getValue().equals(known.get(entry.getKey())))
                        .map(Map.Entry::getKey)
                        .toList();
        if (kept.isEmpty()) {
            return known.entrySet().stream().allMatch(entry -> hasMoreRows(entry, now));
        }
        return standBehind(kept.get(kept.size() - 1), known, now) && isOneLayer(known, now);
    }

    private static boolean hasMoreRows(Map.Entry<String, Shape> before, Map<String, Shape> now) {
        Shape found = now.get(before.getKey());
        return found != null && Growth.ofRows(before.getValue(), found);
    }

    /** Returns whether the parameters of other shapes follow one in the model's order. */
    private static boolean standBehind(
            String last, Map<String, Shape> known, Map<String, Shape> now) {
        for (Map.Entry<String, Shape> entry : now.entrySet()) {
            Shape before = known.get(entry.getKey());
            if (before != null && !before.equals(entry.getValue())) {
                return false;
            }
            if (entry.getKey().equals(last)) {
                return true;
            }
        }
        return true;
    }

    /** Several layers may grow, but only one may be another. */
    private static boolean isOneLayer(Map<String, Shape> known, Map<String, Shape> now) {
        return known.entrySet().stream()
                        .filter(entry -> isReplaced(entry.getValue(), now.get(entry.getKey())))
                        .map(entry -> layer(entry.getKey()))
                        .distinct()
                        .count()
                <= 1;
    }

    private static String layer(String parameter) {
        return parameter.substring(0, Math.max(0, parameter.lastIndexOf('_')));
    }

    private static boolean isReplaced(Shape before, @Nullable Shape now) {
        return now == null || !(before.equals(now) || Growth.of(before, now));
    }
}
