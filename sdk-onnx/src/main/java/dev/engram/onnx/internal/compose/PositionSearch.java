package dev.engram.onnx.internal.compose;

import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.internal.model.Node;
import dev.engram.onnx.internal.model.Tensor;
import dev.engram.onnx.internal.structure.AxisSlice;
import dev.engram.onnx.internal.structure.DataFlow;
import dev.engram.onnx.internal.structure.SequenceInput;
import dev.engram.onnx.internal.structure.WordEmbedding;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/** Looks for the positions of sequences in what a graph computes. */
record PositionSearch(DataFlow flow, SequenceProbe probe) {

    /** A number that picks more than that many is hardly one of a position. */
    private static final long MOST = 512;

    /** Finds the axes of positions by running the graph, and with them what the graph picks. */
    PositionPicks picks(WordEmbedding words, Optional<Tensor> table) {
        long fixed = PromptPlace.length(words.input());
        Set<String> values = values();
        if (fixed >= 0) {
            PositionAxes axes = PositionAxes.ofFixed(probe, fixed, values);
            return new PositionPicks(probe.model(), flow, axes, fixed);
        }
        long rows = table.map(matrix -> matrix.dims()[0]).orElse(Long.MAX_VALUE);
        long longer = Math.min(2 * highest(values) + 8, rows);
        PositionAxes axes = PositionAxes.ofOpen(probe, Math.max(longer - 3, 1), longer, values);
        return new PositionPicks(probe.model(), flow, axes, fixed);
    }

    /** Returns what the nodes that may pick positions take from, as far as nodes compute it. */
    private Set<String> values() {
        Set<String> values = new HashSet<>();
        Set<String> reached = reached(node -> false);
        for (Node node : flow.graph().nodes()) {
            if (PositionPicks.mayPick(node)
                    && reached.contains(node.inputs().get(0))
                    && flow.maker(node.inputs().get(0)).isPresent()) {
                values.add(node.inputs().get(0));
            }
        }
        return values;
    }

    private Set<String> reached(Predicate<Node> stop) {
        Set<String> reached = new HashSet<>();
        probe.roles()
                .forEach(
                        (input, role) -> {
                            if (role != SequenceInput.OTHER) {
                                reached.addAll(flow.reach(input, stop));
                            }
                        });
        return reached;
    }

    /** Returns the highest number that may be one of a position. */
    private long highest(Set<String> values) {
        return flow.graph().nodes().stream()
                .filter(PositionPicks::mayPick)
                .filter(node -> values.contains(node.inputs().get(0)))
                .flatMapToLong(this::numbers)
                .filter(number -> number >= 0 && number <= MOST)
                .max()
                .orElse(0);
    }

    private LongStream numbers(Node node) {
        if (node.type().equals("Slice")) {
            return AxisSlice.stated(node, 2, "ends", flow).stream().flatMapToLong(Arrays::stream);
        }
        return node.inputs().size() < 2
                ? LongStream.empty()
                : flow.integers(node.inputs().get(1)).stream().flatMapToLong(Arrays::stream);
    }

    /** Returns how many positions the graph takes by their numbers. */
    long taken(WordEmbedding words, PositionPicks picks) {
        Set<String> reached = flow.reach(words.output(), node -> false);
        return flow.graph().nodes().stream()
                .filter(PositionPicks::mayPick)
                .filter(node -> reached.contains(node.inputs().get(0)))
                .flatMapToLong(node -> picks.front(node).stream())
                .max()
                .orElse(0);
    }

    /** Returns the axes of each output that positions come out on. */
    Map<String, Set<Integer>> cuts(PositionPicks picks) {
        Map<String, Set<Integer>> cuts = new HashMap<>();
        Set<String> sequences =
                picks.length() < 0 ? Set.of() : reached(node -> picks.isPooling(node));
        for (GraphValue output : probe.model().outputs()) {
            boolean isFixed = picks.length() >= 0;
            Set<Integer> axes = picks.all().of(output.name());
            if (isFixed && !sequences.contains(output.name())) {
                axes = Set.of();
            } else if (isFixed && !axes.isEmpty()) {
                requireClear(output, axes, picks.length());
            }
            cuts.put(output.name(), axes);
        }
        return cuts;
    }

    /** With one length alone, a width that is as large cannot be told from it. */
    private void requireClear(GraphValue output, Set<Integer> axes, long length) {
        boolean isAttention =
                flow.maker(flow.source(output.name()))
                        .filter(node -> node.type().equals("Softmax"))
                        .isPresent();
        boolean isWidth =
                flow.graph().initializers().values().stream()
                        .filter(tensor -> tensor.type().isFloating())
                        .filter(tensor -> tensor.dims().length < 3)
                        .anyMatch(tensor -> isWidth(tensor, length));
        if (isAttention && axes.size() == 2 && !isWidth) {
            return;
        }
        if (axes.size() > 1 || isWidth) {
            throw PromptPlace.none(
                    probe.model(),
                    "it was exported for sequences of %d positions, and it cannot be told whether axes %s of its output %s, as large, are positions or a width; export it with dynamic axes, or for another length"
                            .formatted(length, axes, output));
        }
    }

    private boolean isWidth(Tensor tensor, long length) {
        long[] dims = tensor.dims();
        boolean isTable = flow.users(tensor.name()).stream().allMatch(WordEmbedding::isLookup);
        return Arrays.stream(dims).skip(isTable ? 1 : 0).anyMatch(dim -> dim == length);
    }
}
