package dev.engram.gradientprojection;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Deconvolution;
import ai.djl.util.Pair;
import dev.engram.kit.overlay.LayerUse;
import dev.engram.kit.overlay.LayeredBlock;
import dev.engram.kit.overlay.Targets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which parameters of a model are layers' matrices, told by their names and shapes, and by blocks
 * where they can be seen: any of two dimensions or more, but for embeddings and deconvolutions.
 */
final class ModelLayers {

    private static final String WEIGHT = "weight";

    private final Map<String, Shape> shapes;
    private final Map<String, LayerUse> uses = new LinkedHashMap<>();
    private final Set<String> others = new LinkedHashSet<>();

    /**
     * Looks at a model.
     *
     * @param shapes of all its parameters, by path name
     * @param block its block
     */
    ModelLayers(Map<String, Shape> shapes, Block block) {
        this.shapes = shapes;
        collect(block, "");
    }

    private void collect(Block block, String prefix) {
        // The first axis of a deconvolution's kernels is not that of its outputs.
        boolean isOther =
                embeds(block.getClass().getSimpleName()) || block instanceof Deconvolution;
        for (Pair<String, Parameter> own : block.getDirectParameters()) {
            String name = prefix + own.getKey();
            if (isOther) {
                others.add(name);
            }
            if (block instanceof LayeredBlock layered) {
                layered.layerOf(own.getKey()).ifPresent(use -> uses.put(name, use));
            }
        }
        block.getChildren()
                .forEach(child -> collect(child.getValue(), prefix + child.getKey() + "_"));
    }

    private static boolean embeds(String name) {
        return name.toLowerCase(Locale.ROOT).contains("embed");
    }

    boolean isMatrix(String name) {
        Shape shape = shapes.get(name);
        return shape != null
                && shape.dimension() >= 2
                && !others.contains(name)
                && !embeds(name)
                && !isLookup(name);
    }

    private boolean isLookup(String name) {
        LayerUse use = uses.get(name);
        return use != null && use.type().equals("Gather");
    }

    /** Returns the layer of a matrix, with the bias that has the same place and fits. */
    Layer layer(String weight) {
        LayerUse use = uses.get(weight);
        boolean isOutputFirst = use == null || use.isOutputFirst();
        Shape shape = shapes.getOrDefault(weight, new Shape(0));
        long outputs = isOutputFirst ? shape.get(0) : shape.get(shape.dimension() - 1);
        String bias =
                weight.endsWith(WEIGHT)
                        ? weight.substring(0, weight.length() - WEIGHT.length()) + "bias"
                        : "";
        Shape found = shapes.get(bias);
        boolean fits = found != null && found.equals(new Shape(outputs));
        return new Layer(weight, fits ? bias : null, isOutputFirst);
    }

    /** Returns whether a parameter is the bias of a layer. */
    boolean isBias(String name, Collection<Layer> seen) {
        return seen.stream().anyMatch(layer -> name.equals(layer.bias()))
                || shapes.keySet().stream()
                        .anyMatch(
                                weight ->
                                        Targets.layer(weight).equals(Targets.layer(name))
                                                && isMatrix(weight)
                                                && name.equals(layer(weight).bias()));
    }
}
