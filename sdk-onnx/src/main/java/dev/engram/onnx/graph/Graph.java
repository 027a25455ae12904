package dev.engram.onnx.graph;

import dev.engram.api.Experimental;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A checked graph: names are unique, and each node stands after those that it needs. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Graph {

    private final String name;
    private final List<Node> nodes;
    private final Map<String, Tensor> initializers;
    private final List<GraphValue> inputs;
    private final List<GraphValue> outputs;

    Graph(
            String name,
            List<Node> nodes,
            Map<String, Tensor> initializers,
            List<GraphValue> inputs,
            List<GraphValue> outputs) {
        this.name = name;
        this.nodes = List.copyOf(nodes);
        this.initializers = Collections.unmodifiableMap(new LinkedHashMap<>(initializers));
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
    }

    /**
     * Returns the same graph in which each alias of an initialiser, an {@code Identity} that an
     * exporter put in place of a second tensor with equal values, is a tensor of its own.
     */
    public Graph untied() {
        Map<String, Tensor> own = new LinkedHashMap<>(initializers);
        List<Node> left = new ArrayList<>();
        for (Node node : nodes) {
            Tensor shared = isAlias(node) ? own.get(node.inputs().get(0)) : null;
            if (shared == null || !shared.type().isFloating()) {
                left.add(node);
            } else {
                String alias = node.outputs().get(0);
                own.put(alias, shared.named(alias));
            }
        }
        return new Graph(name, left, own, inputs, outputs);
    }

    private static boolean isAlias(Node node) {
        return node.type().equals("Identity") && node.domain().isEmpty();
    }

    /** Returns its name. */
    public String name() {
        return name;
    }

    /** Returns its nodes, in an order in which they can run. */
    public List<Node> nodes() {
        return nodes;
    }

    /** Returns its constant tensors by name, in the order of the file. */
    public Map<String, Tensor> initializers() {
        return initializers;
    }

    /** Returns its inputs, in order, without those that an initialiser already fills. */
    public List<GraphValue> inputs() {
        return inputs;
    }

    /** Returns its outputs, in order. */
    public List<GraphValue> outputs() {
        return outputs;
    }
}
