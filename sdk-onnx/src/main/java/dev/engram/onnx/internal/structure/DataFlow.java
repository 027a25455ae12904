package dev.engram.onnx.internal.structure;

import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.internal.model.Graph;
import dev.engram.onnx.internal.model.Node;
import dev.engram.onnx.internal.model.Tensor;
import java.nio.LongBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which node makes each value of a graph, and which nodes use it. A node with a branch or loop uses
 * what that takes from around it.
 */
public final class DataFlow {

    /** Nodes that only turn, reshape or rename what they get. */
    private static final Set<String> VIEWS =
            Set.of("Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Expand");

    private static final int DEPTH = 32;

    private final Graph graph;
    private final List<Set<String>> inputs = new ArrayList<>();
    private final Map<String, Integer> makers = new HashMap<>();
    private final Map<String, List<Node>> users = new HashMap<>();

    public DataFlow(Graph graph) {
        this.graph = graph;
        for (Node node : graph.nodes()) {
            Set<String> used = new HashSet<>(node.inputs());
            node.attributes().graphs().forEach(inner -> collect(inner, used));
            used.forEach(name -> users.computeIfAbsent(name, n -> new ArrayList<>()).add(node));
            node.outputs().forEach(name -> makers.put(name, inputs.size()));
            inputs.add(used);
        }
    }

    private static void collect(Graph inner, Set<String> used) {
        for (Node node : inner.nodes()) {
            used.addAll(node.inputs());
            node.attributes().graphs().forEach(further -> collect(further, used));
        }
        inner.outputs().forEach(output -> used.add(output.name()));
    }

    public Graph graph() {
        return graph;
    }

    /** Returns the node that makes a value; none makes an input or an initialiser. */
    public Optional<Node> maker(String value) {
        return Optional.ofNullable(makers.get(value)).map(graph.nodes()::get);
    }

    /** Returns the nodes that use the elements of a value, not only its shape. */
    public List<Node> users(String value) {
        return users.getOrDefault(value, List.of()).stream()
                .filter(node -> !isShape(node))
                .toList();
    }

    /** Returns whether a value is stated in the file, perhaps behind nodes that only view it. */
    public boolean isConstant(String value) {
        String source = source(value);
        return graph.initializers().containsKey(source)
                || maker(source).filter(node -> node.type().equals("Constant")).isPresent();
    }

    /** Returns the value that another one only turns, reshapes or renames. */
    public String source(String value) {
        String source = value;
        for (int depth = 0; depth < DEPTH; depth++) {
            Optional<Node> view = maker(source).filter(node -> VIEWS.contains(node.type()));
            if (view.isEmpty()) {
                return source;
            }
            source = view.get().inputs().get(0);
        }
        return source;
    }

    /** Returns the initialiser that a value is, perhaps behind a node that renames it. */
    public Optional<Tensor> initializer(String value) {
        return Optional.ofNullable(graph.initializers().get(source(value)));
    }

    /** Returns the elements of a value that is a constant of whole numbers. */
    public Optional<long[]> integers(String value) {
        return constant(value).filter(DataFlow::isReadable).map(DataFlow::longs);
    }

    /** Returns the shape of a value that is a constant and not behind nodes that view it. */
    public Optional<long[]> constantDims(String value) {
        return source(value).equals(value) ? constant(value).map(Tensor::dims) : Optional.empty();
    }

    private Optional<Tensor> constant(String value) {
        String source = source(value);
        return initializer(source)
                .or(() -> maker(source).flatMap(node -> node.attributes().tensor("value")));
    }

    /** An outline of a graph keeps the elements of few tensors. */
    private static boolean isReadable(Tensor tensor) {
        boolean isWhole = tensor.type() == ElementType.INT64 || tensor.type() == ElementType.INT32;
        return isWhole && tensor.values().remaining() == tensor.size() * tensor.type().bytes();
    }

    private static long[] longs(Tensor tensor) {
        if (tensor.type() == ElementType.INT32) {
            int[] numbers = new int[Math.toIntExact(tensor.size())];
            tensor.values().asIntBuffer().get(numbers);
            return Arrays.stream(numbers).asLongStream().toArray();
        }
        LongBuffer values = tensor.values().asLongBuffer();
        long[] longs = new long[values.remaining()];
        values.get(longs);
        return longs;
    }

    /**
     * Returns the nodes on the way to a value, back to another one and not beyond it, in no order;
     * empty if the way does not come by it.
     */
    public Set<Node> between(String from, String to) {
        int first = makers.getOrDefault(from, -1);
        Set<Node> seen = new HashSet<>();
        BitSet visited = new BitSet();
        Deque<String> left = new ArrayDeque<>(List.of(to));
        boolean comesBy = false;
        while (!left.isEmpty()) {
            String value = left.pop();
            comesBy |= value.equals(from);
            int maker = value.equals(from) ? -1 : makers.getOrDefault(value, -1);
            if (maker > first && !visited.get(maker)) {
                visited.set(maker);
                seen.add(graph.nodes().get(maker));
                left.addAll(inputs.get(maker));
            }
        }
        return comesBy ? seen : Set.of();
    }

    /** Returns the values that a value's elements go into, itself included. */
    public Set<String> reach(String from, Predicate<Node> stop) {
        Set<String> reached = new HashSet<>(Set.of(from));
        Deque<String> left = new ArrayDeque<>(List.of(from));
        while (!left.isEmpty()) {
            for (Node node : users(left.pop())) {
                for (String output : stop.test(node) ? List.<String>of() : node.outputs()) {
                    if (reached.add(output)) {
                        left.add(output);
                    }
                }
            }
        }
        return reached;
    }

    private static boolean isShape(Node node) {
        return node.type().equals("Shape") || node.type().equals("Size");
    }
}
