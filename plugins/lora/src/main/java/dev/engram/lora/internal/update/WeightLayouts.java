package dev.engram.lora.internal.update;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.isolation.BaseModel;
import dev.engram.kit.overlay.LayerUse;
import dev.engram.kit.overlay.OpaqueBase;
import dev.engram.kit.overlay.Targets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds out which way round the weights of a base are stored.
 *
 * <p>DJL's blocks and graphs say it. A TorchScript model has only names and shapes: there a bias is
 * as long as the outputs are many, and a square weight lies as those of the same name in other
 * layers do. What remains is as in {@code Linear}, but for the names of GPT-2's layers in a model
 * that has some of that kind.
 */
public final class WeightLayouts {

    private static final Pattern EMBEDDING =
            Pattern.compile(
                    "(?i)(.*[._])?(\\w*embed(ding|dings|s)?(_\\w*)?|wte|wpe|shared|relative_attention_bias)[._]weight");
    private static final Pattern NO_EMBEDDING = Pattern.compile("(?i).*(proj|embed_out).*");
    private static final Set<String> CONV1D = Set.of("c_attn", "c_proj", "c_fc", "q_attn");

    private final BaseModel base;
    private final Targets found;
    private final boolean isOpaque;
    private final Map<String, WeightLayout> byName = new HashMap<>();
    private boolean hasInputFirst;

    public WeightLayouts(BaseModel base, Targets found) {
        this.base = base;
        this.found = found;
        this.isOpaque = OpaqueBase.isOpaque(base.block());
        if (isOpaque) {
            for (Pair<String, Parameter> entry : base.parameters()) {
                byBias(entry.getKey()).ifPresent(layout -> learn(entry.getKey(), layout));
            }
        }
    }

    private void learn(String path, WeightLayout layout) {
        byName.put(name(path), layout);
        hasInputFirst |= layout == WeightLayout.INPUT_FIRST;
    }

    /** Returns how a weight lies. */
    public WeightLayout of(String path) {
        return known(path)
                .orElse(
                        hasInputFirst && CONV1D.contains(name(path))
                                ? WeightLayout.INPUT_FIRST
                                : WeightLayout.OUTPUT_FIRST);
    }

    /** Returns how a weight lies if the base says it, or one like it. */
    public Optional<WeightLayout> known(String path) {
        Optional<LayerUse> use = found.use(path);
        if (shape(path).dimension() != 2) {
            return Optional.of(WeightLayout.OUTPUT_FIRST);
        }
        if (use.isPresent()) {
            return use.map(WeightLayouts::of);
        }
        if (!isOpaque || !isOfTorchScript(path)) {
            return Optional.of(
                    path.endsWith("embedding")
                            ? WeightLayout.EMBEDDING
                            : WeightLayout.OUTPUT_FIRST);
        }
        if (EMBEDDING.matcher(path).matches()
                && !NO_EMBEDDING.matcher(path).matches()
                && bias(path).isEmpty()) {
            return Optional.of(WeightLayout.EMBEDDING);
        }
        return byBias(path).or(() -> Optional.ofNullable(byName.get(name(path))));
    }

    /** Returns whether a TorchScript model owns a parameter. */
    private boolean isOfTorchScript(String path) {
        return found.type(path).equals("PtSymbolBlock");
    }

    private static WeightLayout of(LayerUse use) {
        if (use.type().equals("Gather")) {
            return WeightLayout.EMBEDDING;
        }
        return use.isOutputFirst() ? WeightLayout.OUTPUT_FIRST : WeightLayout.INPUT_FIRST;
    }

    private Optional<WeightLayout> byBias(String path) {
        Shape shape = shape(path);
        if (shape.dimension() != 2 || shape.get(0) == shape.get(1)) {
            return Optional.empty();
        }
        return bias(path)
                .filter(size -> size == shape.get(0) || size == shape.get(1))
                .map(
                        size ->
                                size == shape.get(0)
                                        ? WeightLayout.OUTPUT_FIRST
                                        : WeightLayout.INPUT_FIRST);
    }

    private Optional<Long> bias(String path) {
        String name = path.replaceAll("weight$", "bias");
        return name.equals(path) || !base.parameters().contains(name)
                ? Optional.empty()
                : Optional.of(shape(name).size());
    }

    private Shape shape(String path) {
        return base.parameters().get(path).getArray().getShape();
    }

    /** Returns the last part of a layer's path, which layers of one kind share. */
    private static String name(String path) {
        String layer = path.replaceAll("[._]weight$", "");
        return layer.substring(layer.lastIndexOf('.') + 1);
    }
}
