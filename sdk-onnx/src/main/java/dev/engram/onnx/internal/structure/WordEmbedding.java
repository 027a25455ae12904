package dev.engram.onnx.internal.structure;

import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.internal.model.Node;
import dev.engram.onnx.internal.model.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where a graph turns tokens into vectors: a Gather of the rows of a matrix of the file, by the
 * whole numbers of an input.
 *
 * @param input the input with the tokens
 * @param matrix the initialiser
 * @param output the vectors
 */
public record WordEmbedding(GraphValue input, Tensor matrix, String output) {

    /** Returns the first table among tensors that train. */
    public static Optional<String> table(DataFlow flow, Set<String> trained) {
        return find(flow).stream().map(WordEmbedding::table).filter(trained::contains).findFirst();
    }

    /** Finds all of a graph, without those of types and positions. */
    public static List<WordEmbedding> find(DataFlow flow) {
        List<WordEmbedding> found = new ArrayList<>();
        for (Node node : flow.graph().nodes()) {
            if (isLookup(node)) {
                Optional<Tensor> matrix = matrix(node, flow);
                Optional<GraphValue> tokens = tokens(node, flow);
                if (matrix.isPresent() && tokens.isPresent()) {
                    String output = node.outputs().get(0);
                    found.add(new WordEmbedding(tokens.get(), matrix.get(), output));
                }
            }
        }
        return found;
    }

    /** Returns the matrix whose rows a Gather looks up, if it is one of the file. */
    public static Optional<Tensor> matrix(Node lookup, DataFlow flow) {
        return flow.initializer(lookup.inputs().get(0))
                .filter(tensor -> tensor.type().isFloating() && tensor.dims().length == 2);
    }

    public static boolean isLookup(Node node) {
        return node.type().equals("Gather") && node.attributes().integer("axis", 0) == 0;
    }

    public String table() {
        return matrix.name();
    }

    public long width() {
        return matrix.dims()[1];
    }

    private static Optional<GraphValue> tokens(Node lookup, DataFlow flow) {
        String source = flow.source(lookup.inputs().get(1));
        return flow.graph().inputs().stream()
                .filter(input -> input.name().equals(source))
                .filter(input -> SequenceInput.of(input) == SequenceInput.OTHER)
                .findFirst();
    }
}
