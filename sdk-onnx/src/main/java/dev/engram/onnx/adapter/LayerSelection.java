package dev.engram.onnx.adapter;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which layers of a model get an adapter. Immutable.
 *
 * <p>Exporters do not agree about names: PyTorch's older one keeps module paths in the names of
 * nodes and may rename weights ({@code onnx::MatMul_320}), the newer one keeps the weights' names.
 * So a layer is found by either.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class LayerSelection {

    private static final int LISTED = 40;

    private final List<Target> targets;

    private LayerSelection(List<Target> targets) {
        this.targets = List.copyOf(targets);
    }

    /** Selects every layer that can have an adapter. */
    public static LayerSelection all() {
        return of("every layer", layer -> true);
    }

    /** Selects the layer of one node. */
    public static LayerSelection node(String name) {
        return of("node " + name, layer -> layer.node().equals(name));
    }

    /** Selects the layers whose weight has this name or ends in {@code .}, {@code /} and it. */
    public static LayerSelection weight(String name) {
        return of(
                "weight " + name,
                layer ->
                        layer.weight().equals(name)
                                || layer.weight().endsWith("." + name)
                                || layer.weight().endsWith("/" + name));
    }

    /** Selects the layers in whose node's or weight's name the pattern is found. */
    public static LayerSelection matching(Pattern pattern) {
        return of(
                "pattern " + pattern,
                layer ->
                        pattern.matcher(layer.node()).find()
                                || pattern.matcher(layer.weight()).find());
    }

    /** Returns the layers of both selections; each part must find something. */
    public LayerSelection and(LayerSelection other) {
        List<Target> both = new ArrayList<>(targets);
        both.addAll(other.targets);
        return new LayerSelection(both);
    }

    private static LayerSelection of(String text, Predicate<AdaptableLayer> test) {
        return new LayerSelection(List.of(new Target(text, test)));
    }

    boolean selects(AdaptableLayer layer) {
        return targets.stream().anyMatch(target -> target.test.test(layer));
    }

    /**
     * Refuses a selection of which a part finds nothing.
     *
     * @param where the model, for the message
     */
    void requireAllFound(LayerScan scan, String where) {
        List<String> lost =
                targets.stream()
                        .filter(target -> scan.layers().stream().noneMatch(target.test))
                        .map(Target::text)
                        .toList();
        if (!lost.isEmpty()) {
            throw new EngramException(
                    "%s has no layer for %s.\n%s"
                            .formatted(where, String.join(", ", lost), choices(scan)));
        }
    }

    private static String choices(LayerScan scan) {
        List<String> lines = new ArrayList<>();
        scan.layers().forEach(layer -> lines.add("  - " + layer));
        scan.refusals().forEach(refusal -> lines.add("  - not possible: " + refusal));
        String rest =
                lines.size() > LISTED ? "\n  - and %d more".formatted(lines.size() - LISTED) : "";
        return lines.isEmpty()
                ? "It has no MatMul or Gemm with a stored matrix at all."
                : "Choose from:\n"
                        + String.join("\n", lines.subList(0, Math.min(LISTED, lines.size())))
                        + rest;
    }

    private record Target(String text, Predicate<AdaptableLayer> test) {}
}
