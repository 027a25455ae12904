package dev.engram.onnx.internal.structure;

import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.internal.model.Node;
import dev.engram.onnx.internal.model.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** The matrix with one row for each position: its rows are looked up by numbers that count. */
public record PositionTable(DataFlow flow) {

    /** Nodes of whose inputs the first alone has the elements that come out. */
    private static final Set<String> TAKING =
            Set.of("Gather", "GatherElements", "Slice", "Expand", "Reshape", "Unsqueeze", "Tile");

    /** Returns it, if there is one: the shortest of as many columns as a token has numbers. */
    public Optional<Tensor> of(WordEmbedding words) {
        return flow.graph().nodes().stream()
                .filter(WordEmbedding::isLookup)
                .filter(node -> !node.outputs().contains(words.output()))
                .filter(node -> counts(node.inputs().get(1)))
                .flatMap(node -> WordEmbedding.matrix(node, flow).stream())
                .filter(matrix -> matrix.dims()[1] == words.width())
                .min((one, other) -> Long.compare(one.dims()[0], other.dims()[0]));
    }

    private boolean counts(String index) {
        Set<String> seen = new HashSet<>();
        Deque<String> left = new ArrayDeque<>(List.of(index));
        while (!left.isEmpty()) {
            String value = left.pop();
            if (isCounted(value)) {
                return true;
            }
            if (seen.add(value)) {
                flow.maker(value).ifPresent(node -> left.addAll(elements(node)));
            }
        }
        return false;
    }

    private boolean isCounted(String value) {
        boolean isGiven =
                flow.graph().inputs().stream()
                        .filter(input -> input.name().equals(value))
                        .anyMatch(PositionTable::isOfPositions);
        boolean isMade =
                flow.maker(value)
                        .filter(node -> Set.of("Range", "CumSum").contains(node.type()))
                        .isPresent();
        return isGiven || isMade || flow.integers(value).filter(PositionTable::rises).isPresent();
    }

    private static boolean isOfPositions(GraphValue input) {
        return SequenceInput.of(input) == SequenceInput.POSITIONS;
    }

    private static boolean rises(long[] numbers) {
        return numbers.length > 2
                && IntStream.range(1, numbers.length)
                        .allMatch(i -> numbers[i] == numbers[i - 1] + 1);
    }

    private static List<String> elements(Node node) {
        List<String> inputs = node.inputs();
        return switch (node.type()) {
            case "Shape", "Size", "ConstantOfShape" -> List.of();
            case "Where" -> inputs.subList(1, inputs.size());
            default -> inputs.subList(0, TAKING.contains(node.type()) ? 1 : inputs.size());
        };
    }
}
