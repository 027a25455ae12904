package dev.engram.onnx.internal.structure;

import dev.engram.kit.overlay.LayerUse;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.internal.model.Graph;
import dev.engram.onnx.internal.model.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds the layer that each weight of a graph is for, by the first node that computes with it.
 *
 * <p>A layer has the name of its bias where that tells more than its node's: PyTorch's older
 * exporter keeps {@code attention.self.query.bias} where the weight has become {@code
 * onnx::MatMul_320}.
 */
public final class LayerUses {

    private static final int DEPTH = 8;

    private final Map<String, List<Node>> users = new HashMap<>();
    private final Graph graph;
    private final Set<String> outputs;
    private final Set<Node> outermost;

    public LayerUses(Graph graph) {
        this.graph = graph;
        outputs = graph.outputs().stream().map(GraphValue::name).collect(Collectors.toSet());
        outermost = Set.copyOf(graph.nodes());
        index(graph);
    }

    public Graph graph() {
        return graph;
    }

    /** Returns the layers of those matrices that are used in plain products only. */
    public Map<String, LayerUse> products(Collection<String> matrices) {
        Map<String, LayerUse> products = new LinkedHashMap<>();
        for (String matrix : matrices) {
            product(matrix).ifPresent(use -> products.put(matrix, use));
        }
        return products;
    }

    /** Returns the name of the layer that a node computes. */
    public String name(Node node) {
        return bias(node).orElse(node.name());
    }

    /** Returns the layer of an initialiser; empty if it is none's weight. */
    public Optional<LayerUse> of(String weight) {
        return new Way().follow(weight, true, 0);
    }

    /**
     * Returns the layer of a matrix that the graph uses in plain products {@code x·W} or {@code
     * x·Wᵀ} only, all of them alike and none in a branch or loop; empty for others.
     */
    public Optional<LayerUse> product(String weight) {
        List<Node> all = users.getOrDefault(weight, List.of());
        boolean plain = all.stream().allMatch(node -> isPlain(node, weight));
        long ways =
                all.stream().map(node -> node.attributes().integer("transB", 0)).distinct().count();
        return plain && ways == 1 && !outputs.contains(weight) ? of(weight) : Optional.empty();
    }

    private boolean isPlain(Node node, String weight) {
        boolean isProduct = node.type().equals("MatMul") || node.type().equals("Gemm");
        return isProduct
                && node.inputs().indexOf(weight) == 1
                && node.inputs().lastIndexOf(weight) == 1
                && node.attributes().integer("transA", 0) == 0
                && node.attributes().number("alpha", 1) == 1
                && outermost.contains(node);
    }

    private void index(Graph part) {
        for (Node node : part.nodes()) {
            for (String input : node.inputs()) {
                users.computeIfAbsent(input, name -> new ArrayList<>()).add(node);
            }
            node.attributes().graphs().forEach(this::index);
        }
    }

    private static Optional<LayerUse> none() {
        return Optional.empty();
    }

    /** Returns whether the outputs are the first axis of what a Gemm gets. */
    private static boolean gemm(Node node, int input) {
        return input == 0
                ? node.attributes().integer("transA", 0) == 0
                : node.attributes().integer("transB", 0) != 0;
    }

    private static boolean swaps(Node node) {
        long[] order = node.attributes().integers("perm").orElse(new long[] {1, 0});
        return Arrays.equals(order, new long[] {1, 0});
    }

    private Optional<LayerUse> layer(Node node, boolean isOutputFirst) {
        return Optional.of(LayerUse.of(node.type(), name(node), isOutputFirst, node.module()));
    }

    private Optional<String> bias(Node node) {
        List<String> near = new ArrayList<>(node.inputs());
        users.getOrDefault(node.outputs().get(0), List.of()).stream()
                .filter(next -> next.type().equals("Add"))
                .forEach(next -> near.addAll(next.inputs()));
        return near.stream()
                .filter(name -> graph.initializers().containsKey(name))
                .filter(name -> name.endsWith(".bias"))
                .map(name -> name.substring(0, name.length() - ".bias".length()))
                .findFirst();
    }

    /**
     * The search for one weight's layer; a value is looked at once, however many ways lead there.
     */
    private final class Way {

        private final Set<String> seen = new HashSet<>();

        Optional<LayerUse> follow(String value, boolean isUpright, int depth) {
            return users.getOrDefault(value, List.of()).stream()
                    .flatMap(node -> use(node, value, isUpright, depth).stream())
                    .findFirst();
        }

        private Optional<LayerUse> use(Node node, String value, boolean isUpright, int depth) {
            int input = node.inputs().indexOf(value);
            return switch (node.type()) {
                case "MatMul" -> layer(node, (input == 0) == isUpright);
                case "Gemm" -> input < 2 ? layer(node, gemm(node, input) == isUpright) : none();
                case "Conv" -> input == 1 ? layer(node, isUpright) : none();
                case "ConvTranspose" -> input == 1 ? layer(node, !isUpright) : none();
                case "Gather" -> input == 0 ? layer(node, isUpright) : none();
                case "Identity", "Cast" -> further(node, isUpright, depth);
                case "Transpose" -> further(node, isUpright != swaps(node), depth);
                default -> none();
            };
        }

        private Optional<LayerUse> further(Node node, boolean isUpright, int depth) {
            String output = node.outputs().get(0);
            return depth < DEPTH && seen.add(output)
                    ? follow(output, isUpright, depth + 1)
                    : none();
        }
    }
}
