package dev.engram.onnx.internal.model;

import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.GraphValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A checked graph: names are unique, and each node stands after those that it needs. */
public final class Graph {

    private final String name;
    private final List<Node> nodes;
    private final Map<String, Tensor> initializers;
    private final List<GraphValue> inputs;
    private final List<GraphValue> outputs;
    private final Set<String> constants;

    Graph(
            String name,
            List<Node> nodes,
            Map<String, Tensor> initializers,
            List<GraphValue> inputs,
            List<GraphValue> outputs) {
        this(name, nodes, initializers, inputs, outputs, Set.of());
    }

    private Graph(
            String name,
            List<Node> nodes,
            Map<String, Tensor> initializers,
            List<GraphValue> inputs,
            List<GraphValue> outputs,
            Set<String> constants) {
        this.constants = Set.copyOf(constants);
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
        return new Graph(name, left, own, inputs, outputs, constants);
    }

    /**
     * Returns the same graph in which the floating tensors of Constant nodes are initialisers with
     * the names of the nodes' outputs: some makers of files keep weights there. Single numbers stay
     * where they are.
     */
    public Graph withConstantsNamed() {
        Map<String, Tensor> own = new LinkedHashMap<>(initializers);
        List<Node> left = new ArrayList<>();
        Set<String> named = new HashSet<>(constants);
        for (Node node : nodes) {
            Optional<Tensor> held = held(node);
            if (held.isPresent()) {
                String output = node.outputs().get(0);
                own.put(output, held.get().named(output));
                named.add(output);
            } else {
                left.add(node);
            }
        }
        return new Graph(name, left, own, inputs, outputs, named);
    }

    /**
     * Returns the same graph without the values of large tensors: what a program may keep for long,
     * while the bytes of the file go.
     */
    public Graph outline() {
        Map<String, Tensor> outlines = new LinkedHashMap<>(initializers);
        outlines.replaceAll((tensorName, tensor) -> tensor.outline());
        List<Node> outlined = nodes.stream().map(Node::outline).toList();
        return new Graph(name, outlined, outlines, inputs, outputs, constants);
    }

    /**
     * Returns the same graph in which float32 takes the place of float16: in half precision small
     * steps are lost, and gradients become infinite. The tensors keep the type that they have in
     * the file.
     */
    public Graph widened() {
        Map<String, Tensor> wide = new LinkedHashMap<>(initializers);
        wide.replaceAll((tensorName, tensor) -> tensor.widened());
        return new Graph(
                name,
                nodes.stream().map(Node::widened).toList(),
                wide,
                inputs.stream().map(Graph::widened).toList(),
                outputs.stream().map(Graph::widened).toList(),
                constants);
    }

    private static GraphValue widened(GraphValue value) {
        return GraphValue.of(
                value.name(),
                value.type().map(type -> type == ElementType.FLOAT16 ? ElementType.FLOAT : type),
                value.dims());
    }

    private static Optional<Tensor> held(Node node) {
        boolean isConstant = node.type().equals("Constant") && node.domain().isEmpty();
        return isConstant && node.outputs().size() == 1 && !node.outputs().get(0).isEmpty()
                ? node.attributes()
                        .tensor("value")
                        .filter(tensor -> tensor.type().isFloating() && tensor.size() > 1)
                : Optional.empty();
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

    /** Returns the names of the initialisers that the file keeps in Constant nodes. */
    public Set<String> constants() {
        return constants;
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
