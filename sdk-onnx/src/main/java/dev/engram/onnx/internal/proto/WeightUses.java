package dev.engram.onnx.internal.proto;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds what a graph computes from a stored matrix elsewhere than in given products: by other
 * nodes, in branches and loops, or as an output of the graph.
 */
public final class WeightUses {

    private static final Set<String> ALIASES = Set.of("Identity", "Transpose");
    private static final Set<String> VALUE_BLIND = Set.of("Shape", "Size");

    private final GraphProto graph;
    private final Set<Integer> products;
    private final Map<String, List<Integer>> readers = new HashMap<>();
    private final Map<String, List<String>> innerReaders = new HashMap<>();
    private final Set<String> outputs = new HashSet<>();

    /**
     * Looks at a graph.
     *
     * @param products positions of the products whose second factor may be the matrix
     */
    public WeightUses(GraphProto graph, Collection<Integer> products) {
        this.graph = graph;
        this.products = Set.copyOf(products);
        graph.getOutputList().stream().map(ValueInfoProto::getName).forEach(outputs::add);
        for (int index = 0; index < graph.getNodeCount(); index++) {
            NodeProto node = graph.getNode(index);
            for (String input : Set.copyOf(node.getInputList())) {
                readers.computeIfAbsent(input, name -> new ArrayList<>()).add(index);
            }
            readInner(node);
        }
    }

    private void readInner(NodeProto outer) {
        outer.getAttributeList().stream()
                .filter(AttributeProto::hasG)
                .map(AttributeProto::getG)
                .forEach(inner -> inner.getNodeList().forEach(this::readNode));
    }

    private void readNode(NodeProto inner) {
        for (String input : inner.getInputList()) {
            innerReaders
                    .computeIfAbsent(input, name -> new ArrayList<>())
                    .add(described(inner) + " in a branch or loop");
        }
        readInner(inner);
    }

    /** Returns the other uses of a stored matrix, described for people. */
    public List<String> others(String weight) {
        List<String> others = new ArrayList<>();
        for (String value : same(weight)) {
            others.addAll(innerReaders.getOrDefault(value, List.of()));
            if (outputs.contains(value)) {
                others.add("the output " + value);
            }
            readers.getOrDefault(value, List.of()).stream()
                    .filter(reader -> isOther(reader, value))
                    .map(reader -> described(graph.getNode(reader)))
                    .forEach(others::add);
        }
        return others;
    }

    /** Returns the other names of a stored matrix, as it is or turned. */
    public Set<String> aliases(String weight) {
        Set<String> aliases = same(weight);
        aliases.remove(weight);
        return aliases;
    }

    /** Returns the names of all values that are a matrix, as it is or turned; its own first. */
    private Set<String> same(String weight) {
        Set<String> same = new LinkedHashSet<>(Set.of(weight));
        Deque<String> open = new ArrayDeque<>(same);
        while (!open.isEmpty()) {
            readers.getOrDefault(open.remove(), List.of()).stream()
                    .map(graph::getNode)
                    .filter(WeightUses::isAlias)
                    .flatMap(node -> node.getOutputList().stream())
                    .filter(same::add)
                    .forEach(open::add);
        }
        return same;
    }

    private static boolean isAlias(NodeProto node) {
        return ALIASES.contains(node.getOpType());
    }

    private boolean isOther(int reader, String value) {
        NodeProto node = graph.getNode(reader);
        boolean isCounted =
                VALUE_BLIND.contains(node.getOpType())
                        || (products.contains(reader) && isSecondOnly(node, value));
        return !isAlias(node) && !isCounted;
    }

    private static boolean isSecondOnly(NodeProto node, String value) {
        List<String> inputs = node.getInputList();
        return inputs.indexOf(value) == 1 && inputs.lastIndexOf(value) == 1;
    }

    private static String described(NodeProto node) {
        String name = node.getName().isEmpty() ? node.getOutput(0) : node.getName();
        return node.getOpType() + " " + name;
    }
}
