package dev.engram.onnx.internal.compose;

import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which axes of the values of a graph are the positions of its sequences.
 *
 * @param axes by the name of a value, from the front
 * @param ranks how many axes each value has
 */
record PositionAxes(Map<String, Set<Integer>> axes, Map<String, Integer> ranks) {

    /**
     * Finds them by running the graph on two lengths: those axes whose size is the length both
     * times.
     *
     * @throws OnnxException if the size of an output follows the length otherwise
     */
    static PositionAxes ofOpen(SequenceProbe probe, long one, long other, Set<String> values) {
        Map<String, Shape> first = probe.shapes(one, values);
        Map<String, Shape> second = probe.shapes(other, values);
        for (GraphValue output : probe.model().outputs()) {
            requireClear(
                    probe,
                    shape(first, output.name()),
                    shape(second, output.name()),
                    output,
                    other);
        }
        Map<String, Set<Integer>> axes = new HashMap<>();
        first.forEach(
                (name, shape) -> {
                    Set<Integer> those = sized(shape, one);
                    those.retainAll(sized(shape(second, name), other));
                    axes.put(name, those);
                });
        return new PositionAxes(axes, ranks(first));
    }

    private static Shape shape(Map<String, Shape> shapes, String name) {
        return shapes.getOrDefault(name, new Shape());
    }

    private static void requireClear(
            SequenceProbe probe, Shape first, Shape second, GraphValue output, long length) {
        boolean isClear = first.dimension() == second.dimension();
        for (int axis = 0; isClear && axis < first.dimension(); axis++) {
            boolean isSame = first.get(axis) == second.get(axis);
            isClear = isSame || second.get(axis) == length;
        }
        if (!isClear) {
            throw PromptPlace.none(
                    probe.model(),
                    "its output %s is %s for one length of sequences and %s for %d positions, so that those of the prompt cannot be cut off"
                            .formatted(output.name(), first, second, length));
        }
    }

    /** Finds them where only one length can be run, by the sizes that are this length. */
    static PositionAxes ofFixed(SequenceProbe probe, long length, Set<String> values) {
        Map<String, Shape> shapes = probe.shapes(length, values);
        Map<String, Set<Integer>> axes = new HashMap<>();
        shapes.forEach((name, shape) -> axes.put(name, sized(shape, length)));
        return new PositionAxes(axes, ranks(shapes));
    }

    /**
     * Returns the same with one axis for each value, where sizes alone leave more: positions are
     * the second axis of three, and the third of four, behind the heads.
     */
    PositionAxes likely() {
        Map<String, Set<Integer>> likely = new HashMap<>(axes);
        likely.replaceAll(
                (name, all) -> {
                    int usual = ranks.getOrDefault(name, 0) > 3 ? 2 : 1;
                    return all.contains(usual) ? Set.of(usual) : all;
                });
        return new PositionAxes(likely, ranks);
    }

    private static Set<Integer> sized(Shape shape, long size) {
        Set<Integer> axes = new TreeSet<>();
        for (int axis = 0; axis < shape.dimension(); axis++) {
            if (shape.get(axis) == size) {
                axes.add(axis);
            }
        }
        return axes;
    }

    private static Map<String, Integer> ranks(Map<String, Shape> shapes) {
        Map<String, Integer> ranks = new HashMap<>();
        shapes.forEach((name, shape) -> ranks.put(name, shape.dimension()));
        return ranks;
    }

    /** Returns the axes of a value, none if nothing is known of it. */
    Set<Integer> of(String value) {
        return axes.getOrDefault(value, Set.of());
    }

    /** Returns whether an axis of a value, perhaps counted from its end, is one of positions. */
    boolean contain(String value, long axis) {
        long rank = ranks.getOrDefault(value, 0);
        long fromFront = axis < 0 ? axis + rank : axis;
        return of(value).contains((int) fromFront);
    }
}
