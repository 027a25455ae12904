package dev.engram.onnx;

import dev.engram.onnx.internal.model.Graph;
import dev.engram.onnx.internal.model.Node;
import dev.engram.onnx.internal.model.Tensor;
import dev.engram.onnx.internal.weights.Uses;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tensors that look like weights, and whose place in the graph tells nothing. */
final class Unrecognised {

    private final Graph graph;
    private final Map<String, Initializer> roles;
    private final Uses uses;

    Unrecognised(Graph graph, Map<String, Initializer> roles) {
        this.graph = graph;
        this.roles = roles;
        this.uses = new Uses(graph);
    }

    /** Returns them without those that train, each with the reason why it does not. */
    Map<String, String> without(Set<String> trained) {
        Map<String, String> reasons = new LinkedHashMap<>();
        for (Tensor tensor : graph.initializers().values()) {
            Initializer own = roles.get(tensor.name());
            boolean isOpen = own != null && own.role() == Role.CONSTANT;
            List<Uses.Use> used = uses.of(tensor.name());
            if (isOpen && !trained.contains(tensor.name()) && isLikeWeight(tensor, used)) {
                reasons.put(tensor.name(), reason(used.get(0).node()));
            }
        }
        graph.nodes().forEach(node -> inside(node, reasons));
        return reasons;
    }

    /** Returns those in branches and loops, with the reason: which branch or loop. */
    Map<String, String> inside() {
        Map<String, String> reasons = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            node.attributes().graphs().forEach(inner -> within(inner, node, reasons));
        }
        return reasons;
    }

    private static String reason(Node user) {
        return "its use by " + user + " does not tell whether it learns";
    }

    private boolean isLikeWeight(Tensor tensor, List<Uses.Use> used) {
        boolean fits = tensor.size() > 1 ? tensor.dims().length > 1 : uses.isSlope(tensor.name());
        return fits && !used.isEmpty() && !uses.tellsConstant(tensor);
    }

    /** Adds a single slope in a Constant node, and what lies in the graphs of a node. */
    private void inside(Node node, Map<String, String> reasons) {
        String output = node.outputs().get(0);
        boolean isSlope = node.type().equals("Constant") && uses.isSlope(output);
        if (isSlope && !graph.initializers().containsKey(output)) {
            reasons.putIfAbsent(output, "it is a single number in a Constant node");
        }
        node.attributes().graphs().forEach(inner -> within(inner, node, reasons));
    }

    private static void within(Graph inner, Node around, Map<String, String> reasons) {
        String reason = "it lies inside the branch or loop of " + around;
        inner.withConstantsNamed().initializers().values().stream()
                .filter(tensor -> tensor.type().isFloating())
                .filter(tensor -> tensor.size() > 1 && tensor.dims().length > 1)
                .forEach(tensor -> reasons.putIfAbsent(tensor.name(), reason));
        for (Node node : inner.nodes()) {
            node.attributes().graphs().forEach(further -> within(further, around, reasons));
        }
    }
}
