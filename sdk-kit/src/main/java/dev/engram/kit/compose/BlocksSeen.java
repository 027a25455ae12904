package dev.engram.kit.compose;

import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The kinds of blocks in a model with their paths, for messages. */
final class BlocksSeen {

    private static final int PATHS = 6;
    private static final String HOW_TO_TEACH =
            "\nTo teach Engram another kind of block, implement %s and name it in META-INF/services/%s; for a ParallelBlock, whose combining function DJL hides, extend %s"
                    .formatted(
                            BlockComposer.class.getName(),
                            BlockComposer.class.getName(),
                            ParallelBlockComposer.class.getName());

    private final Map<String, List<String>> pathsByKind = new LinkedHashMap<>();

    void linear(String path, Block block) {
        note(path, block, "a linear layer");
    }

    void block(String path, Block block, boolean known) {
        boolean leaf = block.getChildren().isEmpty();
        note(path, block, known ? "known" : leaf ? "a leaf" : "unknown, so kept as it is");
    }

    void addAll(BlocksSeen others) {
        others.pathsByKind.forEach((kind, paths) -> paths(kind).addAll(paths));
    }

    String inWords(List<String> failures) {
        String kinds =
                pathsByKind.entrySet().stream()
                        .map(entry -> "\n  - " + entry.getKey() + ": " + some(entry.getValue()))
                        .collect(Collectors.joining());
        return "Blocks seen:" + kinds + broken(failures) + HOW_TO_TEACH;
    }

    private static String broken(List<String> failures) {
        String list = String.join("\n  - ", failures);
        return failures.isEmpty() ? "" : "\nThese composers could not be loaded:\n  - " + list;
    }

    private void note(String path, Block block, String what) {
        paths(block.getClass().getName() + " (" + what + ")").add("\"" + path + "\"");
    }

    private List<String> paths(String kind) {
        return pathsByKind.computeIfAbsent(kind, any -> new ArrayList<>());
    }

    private static String some(List<String> paths) {
        String first = paths.stream().limit(PATHS).collect(Collectors.joining(", "));
        int more = paths.size() - PATHS;
        return more > 0 ? first + " and %d more".formatted(more) : first;
    }
}
