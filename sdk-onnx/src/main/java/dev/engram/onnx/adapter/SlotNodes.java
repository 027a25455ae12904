package dev.engram.onnx.adapter;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The nodes of a graph, with those of slots between them.
 *
 * <p>What a slot gives is added after the layer's bias, not before it: ONNX Runtime then still
 * fuses product and bias as in the original, and rounds the same way.
 */
final class SlotNodes {

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
                        additions.put(
                                biasOf(product),
                                new Addition(graph.getNode(product).getInput(0), slot)));
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

    /** What a slot adds to the output of a node: the product of {@code x} with its pair. */
    private record Addition(String x, AdapterSlot slot) {

        void follow(NodeProto last, List<NodeProto> nodes) {
            String output = last.getOutput(0);
            String base = output + ".engram_base";
            String down = output + ".engram_down";
            String up = output + ".engram_up";
            nodes.add(last.toBuilder().setOutput(0, base).build());
            nodes.add(node("MatMul", down, x, slot.a()));
            nodes.add(node("MatMul", up, down, slot.b()));
            nodes.add(node("Add", output, base, up));
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
