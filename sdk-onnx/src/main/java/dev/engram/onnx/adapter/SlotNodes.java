package dev.engram.onnx.adapter;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The nodes of a graph, with those of slots between them.
 *
 * <p>What a slot gives is added after the layer's bias, not before it: ONNX Runtime then still
 * fuses product and bias as in the original, and rounds the same way.
 */
final class SlotNodes {

    /**
     * What the names of a slot's own values end in, after the name of the output it is added to.
     */
    static final String BASE = ".engram_base";

    static final String DOWN = ".engram_down";
    private static final String UP = ".engram_up";
    private static final String ALPHA = ".engram_alpha";
    private static final String SCALED = ".engram_scaled";

    private final GraphProto graph;
    private final Map<String, List<Integer>> readers = new HashMap<>();
    private final Set<String> stored = new HashSet<>();
    private final Set<String> outputs = new HashSet<>();

    SlotNodes(GraphProto graph) {
        this.graph = graph;
        graph.getInitializerList().forEach(tensor -> stored.add(tensor.getName()));
        graph.getOutputList().stream().map(ValueInfoProto::getName).forEach(outputs::add);
        for (int index = 0; index < graph.getNodeCount(); index++) {
            NodeProto node = graph.getNode(index);
            if (node.getOpType().equals("Constant")) {
                stored.addAll(node.getOutputList());
            }
            for (String input : node.getInputList()) {
                readers.computeIfAbsent(input, name -> new ArrayList<>()).add(index);
            }
        }
    }

    /** Returns all nodes; those at the given positions are the products that get a slot. */
    List<NodeProto> with(Map<Integer, AdapterSlot> chosen) {
        Map<Integer, Addition> additions = new HashMap<>();
        chosen.forEach(
                (product, slot) ->
                        additions.put(biasOf(product), new Addition(graph.getNode(product), slot)));
        List<NodeProto> nodes = new ArrayList<>();
        for (int index = 0; index < graph.getNodeCount(); index++) {
            Addition addition = additions.get(index);
            if (addition == null) {
                nodes.add(graph.getNode(index));
            } else {
                addition.follow(graph.getNode(index), nodes);
            }
        }
        return nodes;
    }

    /** Returns the position of the node that adds a stored bias to a product, or the product's. */
    private int biasOf(int product) {
        String output = graph.getNode(product).getOutput(0);
        List<Integer> users = readers.getOrDefault(output, List.of());
        if (users.size() != 1 || outputs.contains(output)) {
            return product;
        }
        NodeProto user = graph.getNode(users.get(0));
        boolean isBias =
                user.getOpType().equals("Add")
                        && user.getOutputCount() == 1
                        && user.getDomain().isEmpty()
                        && user.getInputList().stream()
                                .allMatch(name -> name.equals(output) || stored.contains(name));
        return isBias ? users.get(0) : product;
    }

    /** Returns all names that the additions to a node's output need. */
    static List<String> names(String output) {
        return Stream.of(BASE, DOWN, UP, ALPHA, SCALED).map(output::concat).toList();
    }

    /** Returns the node whose output the slot of a product is added to. */
    NodeProto last(int product) {
        return graph.getNode(biasOf(product));
    }

    /**
     * What a slot adds to the output of a node: the product of {@code x} with its pair, times the
     * factor that the layer's own product has (a Gemm's alpha).
     */
    private record Addition(NodeProto product, AdapterSlot slot) {

        void follow(NodeProto last, List<NodeProto> nodes) {
            String output = last.getOutput(0);
            nodes.add(last.toBuilder().setOutput(0, output + BASE).build());
            nodes.add(node("MatMul", output + DOWN, product.getInput(0), slot.a()));
            nodes.add(node("MatMul", output + UP, output + DOWN, slot.b()));
            String update = scaled(output, nodes);
            nodes.add(node("Add", output, output + BASE, update));
        }

        private String scaled(String output, List<NodeProto> nodes) {
            float alpha = alpha();
            if (alpha == 1) {
                return output + UP;
            }
            nodes.add(constant(output + ALPHA, alpha));
            nodes.add(node("Mul", output + SCALED, output + UP, output + ALPHA));
            return output + SCALED;
        }

        private float alpha() {
            return product.getAttributeList().stream()
                    .filter(attribute -> attribute.getName().equals("alpha"))
                    .map(AttributeProto::getF)
                    .findFirst()
                    .orElse(1f);
        }

        private static NodeProto constant(String output, float value) {
            NodeProto.Builder node =
                    NodeProto.newBuilder().setOpType("Constant").setName(output).addOutput(output);
            node.addAttributeBuilder()
                    .setName("value")
                    .setType(AttributeProto.AttributeType.TENSOR)
                    .getTBuilder()
                    .setDataType(TensorProto.DataType.FLOAT_VALUE)
                    .addFloatData(value);
            return node.build();
        }

        private static NodeProto node(String operator, String output, String left, String right) {
            return NodeProto.newBuilder()
                    .setOpType(operator)
                    .setName(output + "/" + operator)
                    .addInput(left)
                    .addInput(right)
                    .addOutput(output)
                    .build();
        }
    }
}
