package dev.engram.onnx.internal.structure;

import dev.engram.onnx.internal.model.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds the layers of transformers in a graph by what is added to what: a sub-layer ends in a
 * product by a matrix of the file, and is added to a value that it was computed from, the residual.
 * It is attention if there is a softmax on the way, else feed-forward. So norms may stand before or
 * after, and both may be added to the same residual at once.
 */
public final class Sublayers {

    /** Nodes between a product and the sum after which another shape may have other features. */
    private static final Set<String> RESHAPING =
            Set.of("Reshape", "Transpose", "Squeeze", "Unsqueeze");

    /** Nodes between a product and the sum that leave the features where they are. */
    private static final Set<String> PASSING =
            Set.of("Identity", "Cast", "Dropout", "Add", "Mul", "Div");

    private static final int DEPTH = 16;

    private final DataFlow flow;
    private final GraphLayers layers;
    private final Map<String, Sublayer> found = new LinkedHashMap<>();

    /**
     * A sub-layer.
     *
     * @param output what is added to the residual, with the features on its last axis; what the
     *     last layer gives if the way from it reshapes that
     * @param last the layer whose product ends it
     */
    public record Sublayer(String output, GraphLayer last, boolean isAttention) {}

    private Sublayers(DataFlow flow, GraphLayers layers) {
        this.flow = flow;
        this.layers = layers;
    }

    /** Returns the sub-layers of a graph in its order. */
    public static List<Sublayer> of(DataFlow flow, GraphLayers layers) {
        Sublayers sublayers = new Sublayers(flow, layers);
        for (Node node : flow.graph().nodes()) {
            if (node.type().equals("Add")) {
                sublayers.sum(node.inputs().get(0), node.inputs().get(1));
                sublayers.sum(node.inputs().get(1), node.inputs().get(0));
            }
        }
        return List.copyOf(sublayers.found.values());
    }

    private void sum(String branch, String residual) {
        if (!flow.isConstant(residual)) {
            summands(branch, 0).forEach(output -> branch(output, residual));
        }
    }

    /** Attention and feed-forward may be added to each other before the residual comes. */
    private Stream<String> summands(String value, int depth) {
        Optional<Node> sum =
                flow.maker(value)
                        .filter(node -> node.type().equals("Add") && depth < 2)
                        .filter(node -> node.inputs().stream().noneMatch(flow::isConstant));
        return sum.isEmpty()
                ? Stream.of(value)
                : sum.get().inputs().stream().flatMap(each -> summands(each, depth + 1));
    }

    private void branch(String output, String residual) {
        Optional<GraphLayer> last = found.containsKey(output) ? Optional.empty() : last(output, 0);
        last.ifPresent(
                layer -> {
                    Set<Node> way = flow.between(flow.source(residual), output);
                    if (!way.isEmpty()) {
                        String place = isReshaped(output, layer) ? layer.output() : output;
                        found.put(output, new Sublayer(place, layer, isAttention(way)));
                    }
                });
    }

    /** An adapter works on the last axis, which is that of features where the product ends. */
    private boolean isReshaped(String output, GraphLayer layer) {
        return flow.between(layer.output(), output).stream()
                .anyMatch(node -> RESHAPING.contains(node.type()));
    }

    private static boolean isAttention(Set<Node> way) {
        return way.stream()
                .anyMatch(node -> node.type().equals("Softmax") || node.type().equals("Attention"));
    }

    private Optional<GraphLayer> last(String value, int depth) {
        Optional<Node> maker = flow.maker(value);
        if (maker.isEmpty() || depth > DEPTH) {
            return Optional.empty();
        }
        Node node = maker.get();
        Optional<GraphLayer> layer = layers.of(node);
        return layer.isPresent() || !passes(node)
                ? layer
                : passed(node).flatMap(from -> last(from, depth + 1));
    }

    private static boolean passes(Node node) {
        if (!node.type().equals("Transpose")) {
            return PASSING.contains(node.type()) || RESHAPING.contains(node.type());
        }
        long[] order = node.attributes().integers("perm").orElse(new long[0]);
        return order.length > 0 && order[order.length - 1] == order.length - 1;
    }

    /** Returns what a node passes on: of a sum or product that which no constant is. */
    private Optional<String> passed(Node node) {
        if (!Set.of("Add", "Mul", "Div").contains(node.type())) {
            return Optional.of(node.inputs().get(0));
        }
        List<String> computed =
                node.inputs().stream().filter(input -> !flow.isConstant(input)).toList();
        return computed.size() == 1 ? Optional.of(computed.get(0)) : Optional.empty();
    }
}
