package dev.engram.onnx.internal.structure;

import dev.engram.onnx.internal.model.Graph;
import dev.engram.onnx.internal.model.Node;
import dev.engram.onnx.internal.model.Tensor;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The layers of a graph that multiply by a matrix of the file, none in branches or loops. */
public final class GraphLayers {

    private final DataFlow flow;
    private final LayerUses uses;
    private final Map<Node, GraphLayer> layers = new LinkedHashMap<>();

    public GraphLayers(DataFlow flow, LayerUses uses) {
        this.flow = flow;
        this.uses = uses;
        Map<Node, Long> widths = new LinkedHashMap<>();
        for (Node node : flow.graph().nodes()) {
            width(node).ifPresent(width -> widths.put(node, width));
        }
        Map<String, Integer> counts = new HashMap<>();
        widths.keySet().forEach(node -> counts.merge(uses.name(node), 1, Integer::sum));
        Set<String> taken = new HashSet<>();
        widths.forEach((node, width) -> layers.put(node, layer(node, width, counts, taken)));
    }

    /** Returns all layers in the order of the graph. */
    public Collection<GraphLayer> all() {
        return layers.values();
    }

    /** Returns the layer that a node computes, if one. */
    public Optional<GraphLayer> of(Node node) {
        return Optional.ofNullable(layers.get(node));
    }

    private GraphLayer layer(
            Node node, long width, Map<String, Integer> counts, Set<String> taken) {
        String told = uses.name(node);
        String output = biased(node).outputs().get(0);
        boolean tells = counts.getOrDefault(told, 0) == 1 && taken.add(told);
        return new GraphLayer(tells ? told : output, output, width);
    }

    /** Returns the node that adds the bias, or the product itself. */
    private Node biased(Node node) {
        List<Node> users = flow.users(node.outputs().get(0));
        Graph graph = flow.graph();
        boolean isOutput =
                graph.outputs().stream().anyMatch(out -> out.name().equals(node.outputs().get(0)));
        boolean isBiased =
                users.size() == 1
                        && !isOutput
                        && users.get(0).type().equals("Add")
                        && users.get(0).inputs().stream().anyMatch(flow::isConstant);
        return isBiased ? users.get(0) : node;
    }

    private OptionalLong width(Node node) {
        boolean isGemm = node.type().equals("Gemm");
        if ((!isGemm && !node.type().equals("MatMul")) || flow.isConstant(node.inputs().get(0))) {
            return OptionalLong.empty();
        }
        boolean isTurned = isGemm && node.attributes().integer("transB", 0) != 0;
        return columns(node.inputs().get(1), isTurned);
    }

    private OptionalLong columns(String weight, boolean isTurned) {
        Optional<Node> turn = flow.maker(weight).filter(node -> node.type().equals("Transpose"));
        if (turn.isPresent()) {
            return columns(turn.get().inputs().get(0), !isTurned);
        }
        Optional<Tensor> matrix =
                flow.initializer(weight).filter(tensor -> tensor.dims().length == 2);
        return matrix.map(tensor -> OptionalLong.of(tensor.dims()[isTurned ? 0 : 1]))
                .orElse(OptionalLong.empty());
    }
}
