package dev.engram.onnx.internal.model;

import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Takes lists of tensors out of a graph. An exporter that does not optimise splits by {@code
 * SplitToSequence} and picks by {@code SequenceAt}; each pick becomes a node over the tensor
 * itself, so that only tensors flow between nodes. Lists that leave the graph, or change in a loop,
 * stay, and are refused with the other operators that Engram does not have.
 */
public final class Sequences {

    /** A part of what a list was split from: (x, sizes or nothing, which part). */
    public static final String PART = "engram.SplitPart";

    /** How many parts that has: (x, sizes or nothing). */
    public static final String PARTS = "engram.SplitParts";

    /** Tensors of one shape side by side along a new axis. */
    public static final String STACK = "engram.Stack";

    private static final Set<String> MAKERS =
            Set.of("SplitToSequence", "SequenceConstruct", "SequenceEmpty", "SequenceInsert");

    private static final Map<String, Integer> LEAST =
            Map.of(
                    "SplitToSequence", 1,
                    "SequenceInsert", 2,
                    "SequenceAt", 2,
                    "SequenceLength", 1,
                    "ConcatFromSequence", 1);

    private final Map<String, Tensor> initializers;
    private final Map<String, Node> makers = new HashMap<>();

    /** The tensors that a list was made of, where each is known. */
    private final Map<String, List<String>> members = new HashMap<>();

    private Sequences(List<Node> nodes, Map<String, Tensor> initializers) {
        this.initializers = initializers;
        nodes.forEach(node -> node.outputs().forEach(output -> makers.put(output, node)));
    }

    /** Returns nodes, which are in order, without lists where that can be. */
    static List<Node> removed(
            List<Node> nodes, Map<String, Tensor> initializers, List<GraphValue> outputs) {
        if (nodes.stream().noneMatch(node -> MAKERS.contains(node.type()))) {
            return nodes;
        }
        Sequences sequences = new Sequences(nodes, initializers);
        List<Node> left = nodes.stream().map(sequences::replaced).toList();
        return withoutUnused(left, outputs);
    }

    private static List<Node> withoutUnused(List<Node> nodes, List<GraphValue> outputs) {
        Set<String> used = outputs.stream().map(GraphValue::name).collect(Collectors.toSet());
        List<Node> left = new ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            if (!MAKERS.contains(node.type()) || node.outputs().stream().anyMatch(used::contains)) {
                left.add(0, node);
                used.addAll(node.inputs());
                node.attributes().graphs().forEach(inner -> collect(inner, used));
            }
        }
        return left;
    }

    private static void collect(Graph inner, Set<String> used) {
        Set<String> inside = new HashSet<>();
        for (Node node : inner.nodes()) {
            inside.addAll(node.inputs());
            node.attributes().graphs().forEach(further -> collect(further, inside));
        }
        inner.outputs().forEach(output -> inside.add(output.name()));
        used.addAll(inside);
    }

    private Node replaced(Node node) {
        if (node.inputs().size() < LEAST.getOrDefault(node.type(), 0)) {
            throw new OnnxException(node + " lacks an input");
        }
        return switch (node.type()) {
            case "SequenceConstruct", "SequenceEmpty" -> {
                members.put(node.outputs().get(0), node.inputs());
                yield node;
            }
            case "SequenceInsert" -> inserted(node);
            case "SequenceAt" -> picked(node).orElse(node);
            case "SequenceLength" -> counted(node).orElse(node);
            case "ConcatFromSequence" -> joined(node).orElse(node);
            default -> node;
        };
    }

    private Node inserted(Node node) {
        List<String> before = members.get(node.inputs().get(0));
        boolean atEnd = node.inputs().size() < 3;
        Optional<Long> place = atEnd ? Optional.empty() : number(node.inputs().get(2));
        if (before != null && (atEnd || place.isPresent())) {
            List<String> after = new ArrayList<>(before);
            after.add(
                    place.map(at -> index(at, before.size())).orElse(before.size()),
                    node.inputs().get(1));
            members.put(node.outputs().get(0), after);
        }
        return node;
    }

    private Optional<Node> picked(Node node) {
        String list = node.inputs().get(0);
        Optional<Node> split = split(list);
        if (split.isPresent()) {
            List<String> inputs = new ArrayList<>(tensorAndSizes(split.get()));
            inputs.add(node.inputs().get(1));
            return Optional.of(node.with(PART, inputs, split.get().attributes()));
        }
        List<String> all = members.get(list);
        Optional<Long> place = number(node.inputs().get(1));
        return all == null || place.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        node.with("Identity", List.of(member(all, place.get(), node)), none(node)));
    }

    private static String member(List<String> all, long place, Node node) {
        int index = index(place, all.size());
        if (index < 0 || index >= all.size()) {
            throw new OnnxException(
                    "%s picks %d of a list of %d tensors".formatted(node, place, all.size()));
        }
        return all.get(index);
    }

    private Optional<Node> counted(Node node) {
        return split(node.inputs().get(0))
                .map(split -> node.with(PARTS, tensorAndSizes(split), split.attributes()));
    }

    private Optional<Node> joined(Node node) {
        List<String> all = members.get(node.inputs().get(0));
        boolean isNew = node.attributes().integer("new_axis", 0) != 0;
        return Optional.ofNullable(all)
                .filter(some -> !some.isEmpty())
                .map(some -> node.with(isNew ? STACK : "Concat", some, node.attributes()));
    }

    private Optional<Node> split(String list) {
        return Optional.ofNullable(makers.get(list))
                .filter(node -> node.type().equals("SplitToSequence"));
    }

    private static List<String> tensorAndSizes(Node split) {
        String sizes = split.inputs().size() > 1 ? split.inputs().get(1) : "";
        return List.of(split.inputs().get(0), sizes);
    }

    private static int index(long place, int size) {
        return Math.toIntExact(place < 0 ? place + size : place);
    }

    private static Attributes none(Node node) {
        return new Attributes(node.toString(), Map.of());
    }

    /** Returns a number that the file states. */
    private Optional<Long> number(String value) {
        Node maker = makers.get(value);
        Optional<Tensor> tensor = Optional.ofNullable(initializers.get(value));
        if (maker != null && maker.type().equals("Constant")) {
            if (maker.attributes().has("value_int")) {
                return Optional.of(maker.attributes().integer("value_int", 0));
            }
            tensor = maker.attributes().tensor("value");
        }
        return tensor.filter(told -> told.size() == 1).flatMap(Sequences::whole);
    }

    private static Optional<Long> whole(Tensor tensor) {
        return switch (tensor.type()) {
            case INT64 -> Optional.of(tensor.values().getLong());
            case INT32 -> Optional.of((long) tensor.values().getInt());
            default -> Optional.empty();
        };
    }
}
