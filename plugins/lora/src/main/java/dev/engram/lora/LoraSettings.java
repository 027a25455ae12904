package dev.engram.lora;

import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.kit.overlay.LayerUse;
import dev.engram.kit.overlay.OpaqueBase;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.kit.overlay.Targets;
import dev.engram.lora.internal.update.SharedWeights;
import dev.engram.lora.internal.update.WeightLayout;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a method was built with.
 *
 * @param targets patterns of {@link Targets}, or {@link Targets#AUTO}
 * @param owned patterns of parameters of which each task has a whole copy, {@link Targets#AUTO} or
 *     empty
 * @param feedForward pattern of the layers whose inputs IA³ scales; empty for none
 * @param orthogonality strength of O-LoRA's penalty
 * @param isOverlayOnly whether updates go through the store also where a layer can be replaced
 */
record LoraSettings(
        LoraVariant variant,
        int rank,
        double alpha,
        boolean isRankStabilised,
        float dropout,
        String targets,
        String owned,
        String feedForward,
        double orthogonality,
        boolean isOverlayOnly) {

    private static final Set<String> LAYERS =
            Set.of(
                    "Linear", "Conv1d", "Conv2d", "Conv3d", "MatMul", "Gemm", "Conv", "LSTM", "GRU",
                    "RNN");
    private static final Pattern QUERY_OR_VALUE =
            Pattern.compile(
                    "(?i).*[._0-9](query|value|queryProjection|valueProjection|[qv]_proj|[qv]_lin|query_proj|value_proj|query_key_value|qkv_proj|Wqkv|c_attn|\\w*Attention[._][qv])[._]weight");
    private static final Pattern EMBEDDING = Pattern.compile("(?i).*(embed|wte|wpe|shared).*");
    private static final Pattern HEAD = Pattern.compile("(.*[._])?(classifier|score)[._].*");
    private static final Pattern WORD_HEAD = Pattern.compile("(.*[._])?(lm_head|embed_out)[._].*");

    /** Returns {@code alpha/rank}, or {@code alpha/√rank} (rsLoRA; Kalajdzievski 2023). */
    float scale() {
        return (float) (alpha / (isRankStabilised ? Math.sqrt(rank) : rank));
    }

    boolean isFeedForward(String path) {
        return !feedForward.isEmpty()
                && Pattern.compile(feedForward).matcher(Targets.layer(path)).matches();
    }

    ParameterOverlay over(BaseModel base, String path, WeightLayout layout) {
        return variant.over(this, base, path, layout);
    }

    /**
     * Refuses a weight on which the method would work otherwise than on a layer.
     *
     * @throws EngramException if it does not fit
     */
    void requireFit(String path, WeightLayout layout, Targets found) {
        boolean byOutput = variant == LoraVariant.DORA || variant == LoraVariant.IA3;
        String type = found.type(path);
        if (byOutput && (type.contains("Deconv") || type.contains("Transpose"))) {
            throw new EngramException(
                    "\"%s\" works on the weights of each output, and %s mixes those of a %s: take \"lora\", or other targets"
                            .formatted(variant.id(), path, type));
        }
        boolean hidesBias = layout == WeightLayout.INPUT_FIRST && found.use(path).isPresent();
        if (variant == LoraVariant.IA3 && hidesBias && !isFeedForward(path)) {
            throw new EngramException(
                    "\"ia3\" scales the outputs of a layer with their bias, but %s is stored (in, out) for the %s \"%s\", whose bias is another node: take \"lora\" or \"dora\", name it in feed-forward, or take other targets"
                            .formatted(path, type, found.use(path).map(LayerUse::name).orElse("")));
        }
    }

    List<String> targets(BaseModel base, Targets found, SharedWeights shared) {
        if (!targets.equals(Targets.AUTO)) {
            return found.find("targets", targets, LoraSettings::isMatrix);
        }
        List<String> all =
                base.parameters().stream()
                        .filter(entry -> isMatrix(entry.getValue()))
                        .map(Pair::getKey)
                        .filter(path -> !isTiedToEmbedding(path, shared))
                        .toList();
        List<String> attention = all.stream().filter(path -> isQueryOrValue(path, found)).toList();
        if (!attention.isEmpty()) {
            return attention;
        }
        List<String> seen = all.stream().filter(found.queriesAndValues()::contains).toList();
        if (!seen.isEmpty()) {
            return seen;
        }
        List<String> layers =
                all.stream()
                        .filter(path -> isLayer(path, base, found))
                        .filter(path -> !found.tokenHeads().contains(path))
                        .toList();
        // Finds nothing only by a pattern that nothing matches, and lists what could.
        return layers.isEmpty()
                ? found.find("targets", Targets.AUTO, LoraSettings::isMatrix)
                : layers;
    }

    private static boolean isLayer(String path, BaseModel base, Targets found) {
        return OpaqueBase.isOpaque(base.block())
                ? !EMBEDDING.matcher(path).matches() && !WORD_HEAD.matcher(path).matches()
                : LAYERS.contains(found.type(path));
    }

    /** A head that is tied to an embedding goes with it: changing one would change the other. */
    private static boolean isTiedToEmbedding(String path, SharedWeights shared) {
        return shared.isInMemoryOfOthers(path)
                || shared.others(path).stream().anyMatch(EMBEDDING.asMatchPredicate());
    }

    private static boolean isQueryOrValue(String path, Targets found) {
        Stream<String> layer =
                found.use(path).stream()
                        .flatMap(use -> Stream.of(use.name(), "." + use.module()))
                        .map(name -> name + ".weight");
        return Stream.concat(Stream.of(path), layer).anyMatch(QUERY_OR_VALUE.asMatchPredicate());
    }

    List<String> owned(BaseModel base, Targets found) {
        List<String> head = found.owned(owned);
        if (head.isEmpty() && owned.equals(Targets.AUTO) && OpaqueBase.isOpaque(base.block())) {
            return base.parameters().keys().stream()
                    .filter(path -> HEAD.matcher(path).matches())
                    .toList();
        }
        return head;
    }

    Map<String, String> stated() {
        Map<String, String> stated = new TreeMap<>();
        stated.put("variant", variant.id());
        if (variant != LoraVariant.IA3) {
            stated.put("rank", String.valueOf(rank));
            stated.put("scale", String.valueOf(scale()));
        }
        if (!feedForward.isEmpty()) {
            stated.put("feed-forward", feedForward);
        }
        stated.put("targets", targets);
        stated.put("owned", owned);
        return stated;
    }

    private static boolean isMatrix(Parameter parameter) {
        return parameter.getType() == Parameter.Type.WEIGHT
                && parameter.getArray().getShape().dimension() >= 2;
    }
}
