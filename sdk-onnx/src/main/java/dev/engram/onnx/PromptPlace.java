package dev.engram.onnx;

import dev.engram.onnx.graph.Graph;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.Node;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Where a prompt goes among the positions of a graph's sequences, and what goes with it.
 *
 * <p>It goes in front; where the graph itself takes positions by their numbers, as a BERT takes the
 * first to pool it, after the last of those.
 *
 * @param roles what each input holds, by its name; {@link SequenceInput#OTHER} stays as it is
 * @param before how many positions stand before the prompt
 * @param sequences the outputs that the positions come out of
 * @param table the matrix with one row for each position, if there is one
 */
record PromptPlace(
        WordEmbedding words,
        Map<String, SequenceInput> roles,
        long before,
        Set<String> sequences,
        Optional<Tensor> table) {

    /**
     * Looks for it.
     *
     * @throws OnnxException if an input may say something of positions that is not known
     */
    static PromptPlace of(DataFlow flow, String file) {
        List<WordEmbedding> words = WordEmbedding.find(flow);
        WordEmbedding first = words.get(0);
        List<String> problems = new ArrayList<>();
        requireOne(words, problems);
        Map<String, SequenceInput> roles = roles(flow.graph(), first, problems);
        if (!problems.isEmpty()) {
            throw new OnnxException(
                    "A prompt has no place in %s: %s; use LoRA or adapters"
                            .formatted(file, String.join("; ", problems)));
        }
        return new PromptPlace(
                first, roles, taken(flow, first), sequences(flow, roles), table(flow, first));
    }

    private static void requireOne(List<WordEmbedding> words, List<String> problems) {
        if (words.size() > 1) {
            String all =
                    words.stream()
                            .map(each -> each.table() + " by " + each.input().name())
                            .collect(Collectors.joining(", "));
            problems.add("it looks up vectors of tokens more than once (" + all + ")");
        }
    }

    private static Map<String, SequenceInput> roles(
            Graph graph, WordEmbedding words, List<String> problems) {
        long length = length(words.input());
        Map<String, SequenceInput> roles = new LinkedHashMap<>();
        for (GraphValue input : graph.inputs()) {
            boolean isTokens = input.name().equals(words.input().name());
            SequenceInput role = isTokens ? SequenceInput.TOKENS : SequenceInput.of(input);
            roles.put(input.name(), role);
            int rank = input.dims().map(dims -> dims.length).orElse(2);
            if (role == SequenceInput.OTHER ? isAlong(input, length) : rank != 2) {
                problems.add(
                        "it is not known what its input %s holds at the positions of a prompt; known are the tokens, and attention_mask, token_type_ids and position_ids of shape (batch, sequence)"
                                .formatted(input));
            }
        }
        return roles;
    }

    /** Returns how long all sequences are; -1 if that is open. */
    static long length(GraphValue tokens) {
        return tokens.dims().filter(dims -> dims.length == 2).map(dims -> dims[1]).orElse(-1L);
    }

    private static boolean isAlong(GraphValue input, long length) {
        long[] dims = input.dims().orElse(new long[] {-1, -1});
        return dims.length > 1
                && Arrays.stream(dims).skip(1).anyMatch(dim -> dim < 0 || dim == length);
    }

    /** Returns how many positions the graph takes by their numbers. */
    private static long taken(DataFlow flow, WordEmbedding words) {
        Set<String> reached = flow.reach(words.output(), node -> false);
        return flow.graph().nodes().stream()
                .filter(node -> reached.contains(firstInput(node)))
                .flatMapToLong(node -> lastTaken(node, flow).stream())
                .max()
                .orElse(0);
    }

    private static String firstInput(Node node) {
        return node.inputs().isEmpty() ? "" : node.inputs().get(0);
    }

    /** Returns how many positions a node wants to stay in front; empty if it takes none. */
    private static OptionalLong lastTaken(Node node, DataFlow flow) {
        if (node.type().equals("Gather") && node.attributes().integer("axis", 0) == 1) {
            return flow.integers(node.inputs().get(1))
                    .map(Arrays::stream)
                    .map(places -> places.max().orElse(-1))
                    .filter(place -> place >= 0)
                    .map(place -> OptionalLong.of(place + 1))
                    .orElse(OptionalLong.empty());
        }
        return node.type().equals("Slice")
                ? new AxisSlice(node, flow).front(1)
                : OptionalLong.empty();
    }

    private static boolean isPooling(Node node, DataFlow flow) {
        boolean isReduced =
                node.type().startsWith("Reduce")
                        && AxisSlice.stated(node, 1, "axes", flow)
                                .filter(axes -> Arrays.stream(axes).anyMatch(axis -> axis == 1))
                                .isPresent();
        boolean isPicked =
                node.type().equals("Gather") && node.attributes().integer("axis", 0) == 1;
        return isReduced || isPicked || lastTaken(node, flow).isPresent();
    }

    /** Outputs to which each way leads through a pooling have no positions of their own. */
    private static Set<String> sequences(DataFlow flow, Map<String, SequenceInput> roles) {
        Predicate<Node> stop = node -> isPooling(node, flow);
        Set<String> sequences = new HashSet<>();
        roles.forEach(
                (input, role) -> {
                    if (role != SequenceInput.OTHER) {
                        sequences.addAll(flow.reach(input, stop));
                    }
                });
        return sequences;
    }

    private static Optional<Tensor> table(DataFlow flow, WordEmbedding words) {
        return flow.graph().nodes().stream()
                .filter(WordEmbedding::isLookup)
                .filter(node -> !node.outputs().contains(words.output()))
                .filter(node -> !isOfTypes(flow.source(node.inputs().get(1)), flow.graph()))
                .flatMap(node -> WordEmbedding.matrix(node, flow).stream())
                .filter(matrix -> matrix.dims()[1] == words.width())
                .min((one, other) -> Long.compare(one.dims()[0], other.dims()[0]));
    }

    private static boolean isOfTypes(String source, Graph graph) {
        return graph.inputs().stream()
                .filter(input -> input.name().equals(source))
                .anyMatch(input -> SequenceInput.of(input) == SequenceInput.TYPES);
    }
}
