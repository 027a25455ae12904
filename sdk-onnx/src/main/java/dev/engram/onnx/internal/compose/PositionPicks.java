package dev.engram.onnx.internal.compose;

import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.model.Node;
import dev.engram.onnx.internal.structure.AxisSlice;
import dev.engram.onnx.internal.structure.DataFlow;
import dev.engram.onnx.internal.training.TrainedGraph;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Where a graph takes positions by their numbers, or makes one of all.
 *
 * @param all the axes of positions
 * @param length how long all sequences are; -1 if that is open
 */
record PositionPicks(TrainedGraph model, DataFlow flow, PositionAxes all, long length) {

    private static final Set<String> GATHERS = Set.of("Gather", "GatherElements", "GatherND");

    /** Returns whether a node may take positions, so that the axes of its first input matter. */
    static boolean mayPick(Node node) {
        return !node.inputs().isEmpty()
                && (GATHERS.contains(node.type())
                        || node.type().equals("Slice")
                        || node.type().startsWith("Reduce"));
    }

    private PositionAxes axes() {
        return length < 0 ? all : all.likely();
    }

    /**
     * Returns how many positions in front a node takes; empty if it takes none of the front.
     *
     * @throws OnnxException if that cannot be told
     */
    OptionalLong front(Node node) {
        String from = node.inputs().isEmpty() ? "" : node.inputs().get(0);
        if (node.type().equals("Slice")) {
            OptionalLong end = new AxisSlice(node, flow).front(axis -> axes().contain(from, axis));
            // All of a fixed length is no pick.
            return end.isPresent() && length >= 0 && end.getAsLong() >= length
                    ? OptionalLong.empty()
                    : end;
        }
        return GATHERS.contains(node.type()) && takesPositions(node, from)
                ? picked(node, from)
                : OptionalLong.empty();
    }

    private boolean takesPositions(Node node, String from) {
        if (!node.type().equals("GatherND")) {
            return axes().contain(from, node.attributes().integer("axis", 0));
        }
        return component(node, from) >= 0;
    }

    /** Returns which number of each index of a GatherND counts positions; -1 if none does. */
    private int component(Node node, String from) {
        int first = (int) node.attributes().integer("batch_dims", 0);
        return axes().of(from).stream()
                .mapToInt(axis -> axis - first)
                .filter(at -> at >= 0)
                .findFirst()
                .orElse(-1);
    }

    private OptionalLong picked(Node node, String from) {
        String index = node.inputs().get(1);
        Optional<long[]> numbers =
                node.type().equals("GatherND")
                        ? numbers(index, component(node, from))
                        : flow.integers(index);
        if (numbers.isEmpty()) {
            requireComputed(node, index);
            return OptionalLong.empty();
        }
        return Arrays.stream(numbers.get())
                .filter(place -> place >= 0 && (length < 2 || place < length - 1))
                .map(place -> place + 1)
                .max();
    }

    private Optional<long[]> numbers(String index, int component) {
        Optional<Node> parts = flow.maker(index).filter(node -> node.type().equals("Concat"));
        if (parts.isPresent()) {
            int which = Math.min(component, parts.get().inputs().size() - 1);
            return flow.integers(parts.get().inputs().get(which));
        }
        return flow.constantDims(index)
                .filter(dims -> dims.length > 0 && component < dims[dims.length - 1])
                .flatMap(
                        dims ->
                                flow.integers(index)
                                        .map(
                                                all ->
                                                        every(
                                                                all,
                                                                component,
                                                                (int) dims[dims.length - 1])));
    }

    private static long[] every(long[] all, int first, int step) {
        return IntStream.range(0, all.length / step)
                .mapToLong(i -> all[i * step + first])
                .toArray();
    }

    /** What follows from the inputs, as the place of the last token, moves with the prompt. */
    private void requireComputed(Node node, String index) {
        boolean isUnread = flow.isConstant(index);
        boolean isKnownKind = !node.type().equals("GatherND") || fromInputs().contains(index);
        if (isUnread || !isKnownKind) {
            throw PromptPlace.none(
                    model,
                    "%s takes positions by the numbers %s, and it cannot be told whether they count from the front"
                            .formatted(node, index));
        }
    }

    private Set<String> fromInputs() {
        Set<String> all = new HashSet<>();
        for (GraphValue input : model.inputs()) {
            all.addAll(flow.reach(input.name(), any -> false));
        }
        return all;
    }

    /** Returns whether what comes out has no positions, or a few that were picked. */
    boolean isPooling(Node node) {
        if (!mayPick(node)) {
            return false;
        }
        String from = node.inputs().get(0);
        if (node.type().startsWith("Reduce")) {
            return AxisSlice.stated(node, 1, "axes", flow)
                    .map(all -> Arrays.stream(all).anyMatch(axis -> axes().contain(from, axis)))
                    .orElse(true);
        }
        boolean isPicked = !node.type().equals("Slice") && takesPositions(node, from);
        return isPicked || front(node).isPresent();
    }
}
