package dev.engram.prompttuning;

import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.util.Pair;
import dev.engram.kit.compose.Composition;
import dev.engram.kit.overlay.Targets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Children of one sequence between which a prompt is there.
 *
 * @param after path of the child that gives the embeddings
 * @param until path of the child after which it is cut off
 * @param width of the features, if a layer tells
 */
record PromptSpan(String after, String until, OptionalLong width) {

    /** Finds the spans of all sequences of a model, none inside blocks that embed themselves. */
    static List<PromptSpan> find(Block base, PromptDesign design) {
        List<PromptSpan> spans = new ArrayList<>();
        collect("", base, design, spans);
        return spans;
    }

    private static void collect(
            String path, Block block, PromptDesign design, List<PromptSpan> spans) {
        if (block instanceof BertBlock) {
            return;
        }
        if (block.getClass() == SequentialBlock.class) {
            inSequence(path, block, design, spans);
        }
        for (Pair<String, Block> child : block.getChildren()) {
            collect(Composition.join(path, child.getKey()), child.getValue(), design, spans);
        }
    }

    private static void inSequence(
            String path, Block sequence, PromptDesign design, List<PromptSpan> spans) {
        List<Block> children = sequence.getChildren().values();
        List<String> paths =
                sequence.getChildren().keys().stream()
                        .map(name -> Composition.join(path, name))
                        .toList();
        int first = after(children, paths, design.after());
        int last = until(children, paths, design.until(), first);
        if (first >= 0 && last > first) {
            spans.add(new PromptSpan(paths.get(first), paths.get(last), width(children.get(last))));
        }
    }

    private static int after(List<Block> children, List<String> paths, String named) {
        if (!named.equals(Targets.AUTO)) {
            return paths.indexOf(named);
        }
        int found = -1;
        for (int i = 0; i < children.size() && !isEncoder(children.get(i)); i++) {
            found = children.get(i).getClass().getSimpleName().contains("Embedding") ? i : found;
        }
        return found;
    }

    private static int until(List<Block> children, List<String> paths, String named, int first) {
        if (!named.equals(Targets.AUTO)) {
            return paths.indexOf(named);
        }
        int found = -1;
        for (int i = first + 1; i < children.size(); i++) {
            found = isEncoder(children.get(i)) ? i : found;
        }
        return found;
    }

    private static boolean isEncoder(Block block) {
        return block instanceof TransformerEncoderBlock
                || (block.getClass() == SequentialBlock.class
                        && !block.getChildren().isEmpty()
                        && block.getChildren().values().stream().allMatch(PromptSpan::isEncoder));
    }

    private static OptionalLong width(Block layer) {
        if (layer instanceof TransformerEncoderBlock) {
            Block attention = layer.getChildren().get("01selfAttention");
            return OptionalLong.of(
                    ((ScaledDotProductAttentionBlock) attention)
                            .getResultProjection()
                            .getDirectParameters()
                            .get("weight")
                            .getArray()
                            .getShape()
                            .get(0));
        }
        return OptionalLong.empty();
    }
}
