package dev.engram.onnx.internal.compose;

import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.model.Graph;
import dev.engram.onnx.internal.model.Tensor;
import dev.engram.onnx.internal.structure.DataFlow;
import dev.engram.onnx.internal.structure.PositionTable;
import dev.engram.onnx.internal.structure.SequenceInput;
import dev.engram.onnx.internal.structure.WordEmbedding;
import dev.engram.onnx.internal.training.InputCheck;
import dev.engram.onnx.internal.training.TrainedGraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a prompt goes among the positions of a graph's sequences, and what goes with it.
 *
 * <p>It goes in front; where the graph itself takes positions by their numbers, as a BERT takes the
 * first to pool it, after the last of those.
 *
 * @param roles what each input holds, by its name; {@link SequenceInput#OTHER} stays as it is
 * @param before how many positions stand before the prompt
 * @param axes on which axes of each output the positions come out, by its name
 * @param table the matrix with one row for each position, if there is one
 */
record PromptPlace(
        WordEmbedding words,
        Map<String, SequenceInput> roles,
        long before,
        Map<String, Set<Integer>> axes,
        Optional<Tensor> table) {

    /**
     * Looks for it, and runs the graph to see which axes positions come out on.
     *
     * @throws OnnxException if an input may say something of positions that is not known, or if it
     *     cannot be told where positions are
     */
    static PromptPlace of(TrainedGraph model, DataFlow flow) {
        List<WordEmbedding> words = WordEmbedding.find(flow);
        WordEmbedding first = words.get(0);
        List<String> problems = new ArrayList<>();
        requireOne(words, problems);
        Map<String, SequenceInput> roles = roles(flow.graph(), first, problems);
        if (!problems.isEmpty()) {
            throw none(model, String.join("; ", problems));
        }
        Optional<Tensor> table = new PositionTable(flow).of(first);
        PositionSearch search =
                new PositionSearch(flow, new SequenceProbe(model, first.input(), roles));
        PositionPicks picks = search.picks(first, table);
        return new PromptPlace(first, roles, search.taken(first, picks), search.cuts(picks), table);
    }

    static OnnxException none(TrainedGraph model, String why) {
        return new OnnxException(
                "A prompt has no place in %s: %s; use LoRA or adapters"
                        .formatted(model.file(), why));
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
            boolean isAlong = isTokens || isAlong(input, length);
            SequenceInput named = isTokens ? SequenceInput.TOKENS : SequenceInput.of(input);
            SequenceInput role = isAlong ? named : SequenceInput.OTHER;
            roles.put(input.name(), role);
            if (isAlong) {
                problem(input, role).ifPresent(problems::add);
            }
        }
        return roles;
    }

    private static Optional<String> problem(GraphValue input, SequenceInput role) {
        int rank = input.dims().map(dims -> dims.length).orElse(2);
        if (role == SequenceInput.OTHER || rank != 2) {
            return Optional.of(
                    "it is not known what its input %s holds at the positions of a prompt; known are the tokens, and attention_mask, token_type_ids and position_ids of shape (batch, sequence)"
                            .formatted(input));
        }
        boolean isFloating = InputCheck.type(input).isFloating();
        return isFloating
                ? Optional.of(
                        "its input %s holds floating numbers, of which it is not known what they say of a position; known are whole numbers and booleans"
                                .formatted(input))
                : Optional.empty();
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
}
