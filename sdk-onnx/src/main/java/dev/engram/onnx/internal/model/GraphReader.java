package dev.engram.onnx.internal.model;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Turns the words of a file into a checked graph, and the graphs inside its nodes with it. */
final class GraphReader {

    /** Graphs inside graphs; exporters need two or three. */
    static final int DEEPEST = 16;

    private final TensorReader tensors;
    private final String file;

    GraphReader(TensorReader tensors, String file) {
        this.tensors = tensors;
        this.file = file;
    }

    Graph read(GraphProto graph) {
        return read(graph, Set.of(), 0);
    }

    private Graph read(GraphProto graph, Set<String> outer, int depth) {
        String where = file + ", graph \"" + graph.getName() + "\"";
        if (depth > DEEPEST) {
            throw new OnnxException(where + " is nested deeper than " + DEEPEST + " graphs");
        }
        if (graph.getSparseInitializerCount() > 0) {
            throw new OnnxException(where + " has sparse initialisers, which Engram cannot read");
        }
        Map<String, Tensor> initializers = initializers(graph, where);
        Set<String> known = new HashSet<>(initializers.keySet());
        List<GraphValue> inputs = inputs(graph, known, where);
        return sorted(graph, initializers, inputs, known, outer, depth, where);
    }

    /** Returns what no initialiser fills already; all names are known from then on. */
    private static List<GraphValue> inputs(GraphProto graph, Set<String> known, String where) {
        List<GraphValue> inputs = new ArrayList<>();
        Set<String> fed = new HashSet<>();
        for (ValueInfoProto input : graph.getInputList()) {
            if (!fed.add(input.getName())) {
                throw new OnnxException(where + " has two inputs \"" + input.getName() + "\"");
            }
            if (known.add(input.getName())) {
                inputs.add(value(input));
            }
        }
        return inputs;
    }

    private Map<String, Tensor> initializers(GraphProto graph, String where) {
        Map<String, Tensor> initializers = new LinkedHashMap<>();
        for (TensorProto tensor : graph.getInitializerList()) {
            String name = tensor.getName();
            String place = where + ", initialiser \"" + name + "\"";
            if (name.isEmpty() || initializers.containsKey(name)) {
                throw new OnnxException(place + ": the name is empty or given twice");
            }
            initializers.put(name, tensors.read(tensor, place));
        }
        return initializers;
    }

    private Graph sorted(
            GraphProto graph,
            Map<String, Tensor> initializers,
            List<GraphValue> inputs,
            Set<String> known,
            Set<String> outer,
            int depth,
            String where) {
        Set<String> visible = new HashSet<>(outer);
        visible.addAll(known);
        graph.getNodeList().forEach(node -> visible.addAll(node.getOutputList()));
        List<Node> nodes = new ArrayList<>();
        List<Set<String>> needs = new ArrayList<>();
        for (NodeProto proto : graph.getNodeList()) {
            Node node = node(proto, visible, depth);
            nodes.add(node);
            needs.add(Needs.of(node));
        }
        Set<String> given = new HashSet<>(known);
        outer.stream().filter(name -> !ownOutput(graph, name)).forEach(given::add);
        Ordering order = new Ordering(nodes, needs, given, where);
        List<GraphValue> outputs = new ArrayList<>();
        for (ValueInfoProto output : graph.getOutputList()) {
            requireComputed(output.getName(), order, given, where);
            outputs.add(value(output));
        }
        List<Node> plain = Sequences.removed(order.sorted(), initializers, outputs);
        return new Graph(graph.getName(), plain, initializers, inputs, outputs);
    }

    private static boolean ownOutput(GraphProto graph, String name) {
        return graph.getNodeList().stream().anyMatch(n -> n.getOutputList().contains(name));
    }

    private static void requireComputed(
            String output, Ordering order, Set<String> given, String where) {
        if (!order.computes(output) && !given.contains(output)) {
            throw new OnnxException(where + ": nothing computes the output \"" + output + "\"");
        }
    }

    private Node node(NodeProto node, Set<String> visible, int depth) {
        String name =
                node.getName().isEmpty() && node.getOutputCount() > 0
                        ? node.getOutput(0)
                        : node.getName();
        String where = node.getOpType() + " \"" + name + "\" of " + file;
        if (node.getOutputCount() == 0) {
            throw new OnnxException(where + " has no output");
        }
        return new Node(
                name,
                node.getDomain().equals("ai.onnx") ? "" : node.getDomain(),
                node.getOpType(),
                node.getInputList(),
                node.getOutputList(),
                attributes(node, visible, depth, where),
                ModulePath.of(node));
    }

    private Attributes attributes(NodeProto node, Set<String> visible, int depth, String where) {
        Map<String, Object> values = new HashMap<>();
        for (AttributeProto attribute : node.getAttributeList()) {
            attribute(attribute, visible, depth, where)
                    .ifPresent(value -> values.put(attribute.getName(), value));
        }
        return new Attributes(where, values);
    }

    private Optional<Object> attribute(
            AttributeProto value, Set<String> visible, int depth, String where) {
        return Optional.ofNullable(
                switch (value.getType()) {
                    case INT -> value.getI();
                    case FLOAT -> value.getF();
                    case STRING -> value.getS().toStringUtf8();
                    case INTS -> value.getIntsList().stream().mapToLong(i -> i).toArray();
                    case FLOATS -> floats(value.getFloatsList());
                    case TENSOR ->
                            tensors.read(
                                    value.getT(), "attribute " + value.getName() + " of " + where);
                    case GRAPH -> read(value.getG(), visible, depth + 1);
                    default -> null;
                });
    }

    private static float[] floats(List<Float> values) {
        float[] numbers = new float[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = values.get(i);
        }
        return numbers;
    }

    private static GraphValue value(ValueInfoProto value) {
        if (!value.getType().hasTensorType()) {
            return GraphValue.of(value.getName(), Optional.empty(), Optional.empty());
        }
        var tensor = value.getType().getTensorType();
        Optional<long[]> dims =
                tensor.hasShape() ? Optional.of(dims(tensor.getShape())) : Optional.empty();
        return GraphValue.of(value.getName(), ElementType.of(tensor.getElemType()), dims);
    }

    private static long[] dims(TensorShapeProto shape) {
        return shape.getDimList().stream()
                .mapToLong(dim -> dim.hasDimValue() ? dim.getDimValue() : -1)
                .toArray();
    }

    /** What a node waits for: its inputs, and what the graphs inside it take from around it. */
    private static final class Needs {

        static Set<String> of(Node node) {
            Set<String> needs = new LinkedHashSet<>(node.inputs());
            node.attributes().graphs().forEach(graph -> needs.addAll(captured(graph)));
            needs.remove("");
            return needs;
        }

        static Set<String> captured(Graph graph) {
            Set<String> own = new HashSet<>(graph.initializers().keySet());
            graph.inputs().forEach(input -> own.add(input.name()));
            Set<String> needs = new LinkedHashSet<>();
            for (Node node : graph.nodes()) {
                needs.addAll(of(node));
                own.addAll(node.outputs());
            }
            graph.outputs().forEach(output -> needs.add(output.name()));
            needs.removeAll(own);
            return needs;
        }
    }
}
