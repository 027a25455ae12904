package dev.engram.onnx.internal.structure;

import dev.engram.onnx.internal.model.Graph;
import java.util.Optional;
import java.util.Set;

/**
 * What the structure of a graph tells of the tensors that train.
 *
 * @param trained their names
 */
public record BlockStructure(Graph graph, Set<String> trained) {

    public Optional<String> tokenEmbeddings() {
        return WordEmbedding.table(new DataFlow(graph), trained);
    }

    public Set<String> queriesAndValues() {
        return among(new AttentionWeights(new DataFlow(graph)).find());
    }

    public Set<String> tokenHeads() {
        return among(TokenHeads.find(new DataFlow(graph)));
    }

    private Set<String> among(Set<String> names) {
        names.retainAll(trained);
        return names;
    }
}
