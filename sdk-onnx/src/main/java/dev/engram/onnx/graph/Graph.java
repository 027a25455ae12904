package dev.engram.onnx.graph;

import dev.engram.api.Experimental;
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
