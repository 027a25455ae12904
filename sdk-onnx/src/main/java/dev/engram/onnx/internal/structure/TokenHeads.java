package dev.engram.onnx.internal.structure;

import dev.engram.onnx.internal.model.Node;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds the matrices that score tokens at the end of a graph: as many columns as a table of token
 * vectors has rows, and no further matrix behind.
 */
public final class TokenHeads {

    private TokenHeads() {}

    public static Set<String> find(DataFlow flow) {
        Set<Long> vocabularies =
                WordEmbedding.find(flow).stream()
                        .map(words -> words.matrix().dims()[0])
                        .collect(Collectors.toSet());
        WeightProducts products = new WeightProducts(flow);
        Set<String> heads = new LinkedHashSet<>();
        for (Node node : flow.graph().nodes()) {
            products.of(node)
                    .filter(product -> vocabularies.contains(product.width()))
                    .filter(product -> isLast(product.node(), flow, products))
                    .ifPresent(product -> heads.add(product.weight()));
        }
        return heads;
    }

    private static boolean isLast(Node product, DataFlow flow, WeightProducts products) {
        return flow.reach(product.outputs().get(0), node -> false).stream()
                .flatMap(value -> flow.users(value).stream())
                .allMatch(node -> products.of(node).isEmpty());
    }
}
