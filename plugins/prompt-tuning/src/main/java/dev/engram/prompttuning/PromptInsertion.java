package dev.engram.prompttuning;

import ai.djl.nn.Block;
import dev.engram.kit.compose.EmbeddingPrefix;
import dev.engram.kit.overlay.Targets;
import dev.engram.prompttuning.internal.parts.CutOff;
import dev.engram.prompttuning.internal.parts.Part;
import dev.engram.prompttuning.internal.parts.PartInsertion;
import dev.engram.prompttuning.internal.parts.Prepended;
import dev.engram.prompttuning.internal.parts.Prompt;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** Puts a prompt in front of embeddings, and cuts it off after the last layer. */
final class PromptInsertion implements PartInsertion {

    /** Makes a prompt. */
    interface Source {
        Prompt prompt(long width);
    }

    private final List<PromptSpan> spans;
    private final PromptDesign design;
    private final Source source;
    private final Map<String, Part> prompts = new LinkedHashMap<>();
    private final Map<String, Long> positions = new LinkedHashMap<>();
    private final Set<String> children = new LinkedHashSet<>();

    PromptInsertion(List<PromptSpan> spans, PromptDesign design, Source source) {
        this.spans = List.copyOf(spans);
        this.design = design;
        this.source = source;
    }

    @Override
    public Map<String, Part> parts() {
        return prompts;
    }

    @Override
    public List<String> problems() {
        List<String> hidden =
                spans.stream()
                        .map(PromptSpan::after)
                        .filter(path -> !prompts.containsKey(path))
                        .map(
                                "the place after \"%s\" is in a block that cannot be composed anew"
                                        ::formatted)
                        .toList();
        return !hidden.isEmpty() || !prompts.isEmpty() ? hidden : List.of(nowhere());
    }

    @Override
    public Optional<EmbeddingPrefix> embeddings(String path, long width) {
        return design.after().equals(Targets.AUTO)
                ? Optional.of(prompt(path.isEmpty() ? "embeddings" : path, width))
                : Optional.empty();
    }

    @Override
    public Optional<Block> afterChild(String path, LongSupplier width) {
        children.add(path);
        for (PromptSpan span : spans) {
            if (span.after().equals(path)) {
                long wide = span.width().orElseGet(width);
                Prompt prompt = prompt(path, wide);
                positions.put(span.until(), prompt.positions());
                return Optional.of(new Prepended(path, prompt));
            }
        }
        return Optional.ofNullable(positions.get(path)).map(CutOff::new);
    }

    private Prompt prompt(String place, long width) {
        Prompt prompt = source.prompt(width);
        prompts.put(place, prompt);
        return prompt;
    }

    private String nowhere() {
        return "no place for prompts was found with after = %s, until = %s: there is no BertBlock, no graph read from a file that looks up vectors of tokens, and no sequence that has a child called ...Embedding and after it a TransformerEncoderBlock; \"after\" and \"until\" could name children of one sequence: %s"
                .formatted(
                        design.after(),
                        design.until(),
                        children.isEmpty() ? "there are none" : String.join(", ", children));
    }
}
