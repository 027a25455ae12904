package dev.engram.onnx.internal.program;

import ai.djl.ndarray.NDList;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.model.Graph;
import dev.engram.onnx.internal.model.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which operator answers to which name, since which version of the operator set. */
public final class OperatorTable {

    private final Map<String, TreeMap<Long, Entry>> operators = new HashMap<>();

    /** An operator, and what shapes its outputs besides the shapes of its inputs. */
    public static final class Entry {

        private final Operator operator;
        private Set<Integer> shapedBy = Set.of();
        private boolean fixed = true;
        private Function<Node, Optional<String>> refused = node -> Optional.empty();

        private Entry(Operator operator) {
            this.operator = operator;
        }

        /** States that the values of these inputs decide the shape of the output. */
        public Entry shapedBy(Integer... inputs) {
            shapedBy = Set.of(inputs);
            return this;
        }

        /** States that equal inputs may give other values, or shapes that only the values tell. */
        public Entry varies() {
            fixed = false;
            return this;
        }

        /** States which nodes of its name it cannot compute: what they are called in the error. */
        public Entry refuses(Function<Node, Optional<String>> such) {
            refused = such;
            return this;
        }

        Optional<String> refusal(Node node) {
            return refused.apply(node);
        }

        Operator operator() {
            return operator;
        }

        boolean isShapedBy(int input) {
            return shapedBy.contains(input);
        }

        boolean isFixed() {
            return fixed;
        }
    }

    public Entry add(String type, int since, Operator operator) {
        Entry entry = new Entry(operator);
        operators.computeIfAbsent(type, t -> new TreeMap<>()).put((long) since, entry);
        return entry;
    }

    /** Adds an operator with one output. */
    public Entry single(String type, int since, Operator.Single operator) {
        return add(type, since, call -> new NDList(operator.compute(call)));
    }

    Optional<Entry> find(Node node, long opset) {
        if (!node.domain().isEmpty()) {
            return Optional.empty();
        }
        @Nullable TreeMap<Long, Entry> versions = operators.get(node.type());
        return Optional.ofNullable(versions).map(v -> v.floorEntry(opset)).map(Map.Entry::getValue);
    }

    /** Refuses a graph with operators that are not here, naming every one of them. */
    void requireAll(Graph graph, long opset, Object where) {
        List<String> missing = new ArrayList<>();
        collectMissing(graph, opset, missing);
        if (!missing.isEmpty()) {
            throw new OnnxException(
                    "%s (operator set %d) needs operators that Engram does not have: %s. %s"
                            .formatted(where, opset, String.join(", ", missing), advice(graph)));
        }
    }

    private static String advice(Graph graph) {
        Optional<Node> quantised = Quantised.first(graph);
        if (quantised.isPresent()) {
            return Quantised.advice(quantised.get());
        }
        return graph.nodes().stream().anyMatch(node -> !node.domain().isEmpty())
                ? "Operators of a domain of their own come from a runtime that optimised the file:"
                        + " use the file as it was exported"
                : "Export it otherwise: with PyTorch's newer exporter (dynamo=True, optimize=True),"
                        + " or with another operator set";
    }

    private void collectMissing(Graph graph, long opset, List<String> missing) {
        for (Node node : graph.nodes()) {
            find(node, opset)
                    .map(entry -> entry.refusal(node))
                    .orElseGet(() -> Optional.of(node.toString()))
                    .ifPresent(missing::add);
            node.attributes().graphs().forEach(body -> collectMissing(body, opset, missing));
        }
    }
}
