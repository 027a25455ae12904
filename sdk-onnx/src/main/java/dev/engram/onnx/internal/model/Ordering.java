package dev.engram.onnx.internal.model;

import dev.engram.onnx.graph.OnnxException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts nodes in an order in which each finds what it needs; refuses those that wait in a ring. */
final class Ordering {

    private final Map<String, Integer> producers = new HashMap<>();
    private final List<Node> nodes;
    private final List<Set<String>> needs;
    private final String where;

    Ordering(List<Node> nodes, List<Set<String>> needs, Set<String> known, String where) {
        this.nodes = nodes;
        this.needs = needs;
        this.where = where;
        for (int i = 0; i < nodes.size(); i++) {
            for (String output : nodes.get(i).outputs()) {
                boolean taken = known.contains(output);
                if (!output.isEmpty() && (taken || producers.putIfAbsent(output, i) != null)) {
                    throw new OnnxException(
                            "%s: the name \"%s\" is given twice, at last by %s"
                                    .formatted(where, output, nodes.get(i)));
                }
            }
        }
        requireKnown(known);
    }

    private void requireKnown(Set<String> known) {
        for (int i = 0; i < nodes.size(); i++) {
            for (String need : needs.get(i)) {
                if (!known.contains(need) && !producers.containsKey(need)) {
                    throw new OnnxException(
                            where
                                    + ": "
                                    + nodes.get(i)
                                    + " needs \""
                                    + need
                                    + "\", which nothing computes");
                }
            }
        }
    }

    boolean computes(String name) {
        return producers.containsKey(name);
    }

    List<Node> sorted() {
        int[] open = new int[nodes.size()];
        List<List<Integer>> waiting = new ArrayList<>();
        nodes.forEach(node -> waiting.add(new ArrayList<>()));
        Deque<Integer> ready = new ArrayDeque<>();
        for (int i = 0; i < open.length; i++) {
            for (int producer : producersOf(i)) {
                waiting.get(producer).add(i);
                open[i]++;
            }
            if (open[i] == 0) {
                ready.add(i);
            }
        }
        return drained(open, waiting, ready);
    }

    private Set<Integer> producersOf(int node) {
        Set<Integer> from = new HashSet<>();
        for (String need : needs.get(node)) {
            Integer producer = producers.get(need);
            if (producer != null) {
                from.add(producer);
            }
        }
        return from;
    }

    private List<Node> drained(int[] open, List<List<Integer>> waiting, Deque<Integer> ready) {
        List<Node> sorted = new ArrayList<>();
        while (!ready.isEmpty()) {
            int next = ready.remove();
            sorted.add(nodes.get(next));
            for (int waiter : waiting.get(next)) {
                if (--open[waiter] == 0) {
                    ready.add(waiter);
                }
            }
        }
        requireAll(sorted);
        return sorted;
    }

    private void requireAll(List<Node> sorted) {
        if (sorted.size() < nodes.size()) {
            Set<Node> done = Collections.newSetFromMap(new IdentityHashMap<>());
            done.addAll(sorted);
            for (Node node : nodes) {
                if (!done.contains(node)) {
                    throw new OnnxException(where + ": " + node + " waits for its own output");
                }
            }
        }
    }
}
