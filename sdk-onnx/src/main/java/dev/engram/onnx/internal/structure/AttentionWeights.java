package dev.engram.onnx.internal.structure;

import dev.engram.onnx.internal.model.Node;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds the matrices that make queries and values, by the shape of attention alone: a softmax of a
 * product of two computed values, queries and keys, whose result multiplies a third, the values.
 */
public final class AttentionWeights {

    /** What scores go through between the products and the softmax: scale, bias, mask, cap. */
    private static final Set<String> PASSED =
            Set.of(
                    "Add",
                    "Sub",
                    "Mul",
                    "Div",
                    "Where",
                    "Cast",
                    "Identity",
                    "Dropout",
                    "Reshape",
                    "Transpose",
                    "Squeeze",
                    "Unsqueeze",
                    "Expand",
                    "Max",
                    "Min",
                    "Clip",
                    "Tanh",
                    "Slice",
                    "Concat",
                    "IsNaN");

    /** What asks for a shape alone: the values behind it make none of the elements. */
    private static final Set<String> SHAPES = Set.of("Shape", "Size");

    private static final Set<String> PRODUCTS = Set.of("MatMul", "Einsum");

    /**
     * Nodes that are looked at on one way; between a projection and its product are some dozens.
     */
    private static final int MOST = 200;

    private final DataFlow flow;
    private final WeightProducts products;

    public AttentionWeights(DataFlow flow) {
        this.flow = flow;
        this.products = new WeightProducts(flow);
    }

    /** Returns the names of the matrices, in the order of the graph. */
    public Set<String> find() {
        Set<String> found = new LinkedHashSet<>();
        for (Node node : flow.graph().nodes()) {
            if (node.type().equals("Attention") && node.inputs().size() > 2) {
                found.addAll(behind(node.inputs().get(0)));
                found.addAll(behind(node.inputs().get(2)));
            } else if (node.type().equals("Softmax")) {
                found.addAll(around(node));
            }
        }
        return found;
    }

    /** Both products must be there: a softmax over classes has none before it. */
    private Set<String> around(Node softmax) {
        Optional<Node> scores = scores(softmax.inputs().get(0));
        Optional<String> values = values(softmax.outputs().get(0));
        if (scores.isEmpty() || values.isEmpty()) {
            return Set.of();
        }
        Set<String> found = new LinkedHashSet<>(behind(scores.get().inputs().get(0)));
        found.addAll(behind(values.get()));
        return found;
    }

    /** Returns the product of queries and keys that scores come from. */
    private Optional<Node> scores(String value) {
        return search(value, v -> flow.maker(v).stream().toList(), Node::inputs);
    }

    /** Returns what the weights of attention multiply. */
    private Optional<String> values(String weights) {
        Set<String> reached = flow.reach(weights, node -> !PASSED.contains(node.type()));
        return search(weights, flow::users, Node::outputs)
                .flatMap(
                        product ->
                                product.inputs().stream()
                                        .filter(input -> !reached.contains(input))
                                        .findFirst());
    }

    /** Returns the nearest product of two computed values. */
    private Optional<Node> search(
            String from, Function<String, List<Node>> next, Function<Node, List<String>> further) {
        Set<String> seen = new HashSet<>(Set.of(from));
        Deque<String> left = new ArrayDeque<>(List.of(from));
        while (!left.isEmpty() && seen.size() < MOST) {
            for (Node node : next.apply(left.pop())) {
                if (isOfTwo(node)) {
                    return Optional.of(node);
                }
                if (PASSED.contains(node.type())) {
                    further.apply(node).stream().filter(seen::add).forEach(left::add);
                }
            }
        }
        return Optional.empty();
    }

    private boolean isOfTwo(Node node) {
        return PRODUCTS.contains(node.type())
                && node.inputs().size() == 2
                && node.inputs().stream().noneMatch(flow::isConstant)
                && products.of(node).isEmpty();
    }

    /** Returns the nearest matrices of the file that a value is computed by. */
    private Set<String> behind(String value) {
        Set<String> found = new LinkedHashSet<>();
        Set<String> seen = new HashSet<>(Set.of(value));
        Deque<String> left = new ArrayDeque<>(List.of(value));
        while (!left.isEmpty() && seen.size() < MOST) {
            Optional<Node> maker = flow.maker(left.pop());
            Optional<WeightProducts.Product> product = maker.flatMap(products::of);
            product.ifPresent(by -> found.add(by.weight()));
            if (maker.isPresent() && product.isEmpty() && !SHAPES.contains(maker.get().type())) {
                maker.get().inputs().stream().filter(seen::add).forEach(left::add);
            }
        }
        return found;
    }
}
