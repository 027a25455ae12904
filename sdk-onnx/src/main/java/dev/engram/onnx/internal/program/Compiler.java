package dev.engram.onnx.internal.program;

import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.model.Graph;
import dev.engram.onnx.internal.model.Node;
import dev.engram.onnx.internal.program.OperatorTable.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns a graph into steps over numbered slots, and finds out which values are known without a
 * batch.
 */
final class Compiler {

    private final OperatorTable operators;
    private final long opset;
    private final Map<String, Integer> slots = new LinkedHashMap<>();
    private final List<Knowledge> values = new ArrayList<>();
    private final List<Boolean> shapes = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();

    Compiler(OperatorTable operators, long opset) {
        this.operators = operators;
        this.opset = opset;
    }

    /** Declares a value from outside; its shape is known from the shapes of the inputs. */
    Compiler declare(String name, Knowledge knowledge, boolean shapeKnown) {
        slots.put(name, values.size());
        values.add(knowledge);
        shapes.add(shapeKnown);
        return this;
    }

    Compiler addAll(List<Node> nodes) {
        nodes.forEach(this::add);
        return this;
    }

    Program program(List<GraphValue> outputs) {
        int[] out = outputs.stream().mapToInt(value -> slot(value.name())).toArray();
        return new Program(steps, slots, out);
    }

    private void add(Node node) {
        Entry entry = operators.find(node, opset).orElseThrow();
        Map<String, Program> bodies = new HashMap<>();
        Set<String> captured = captured(node);
        List<String> names = new ArrayList<>(node.inputs());
        names.addAll(captured);
        for (String name : List.of("then_branch", "else_branch", "body")) {
            node.attributes().graph(name).ifPresent(g -> bodies.put(name, body(g, captured)));
        }
        int[] inputs = names.stream().mapToInt(n -> n.isEmpty() ? -1 : slot(n)).toArray();
        Knowledge known = knowledge(node, entry, inputs);
        boolean shaped = isShapeKnown(entry, inputs) && bodies.isEmpty();
        int[] outputs = node.outputs().stream().mapToInt(n -> output(n, known, shaped)).toArray();
        steps.add(new Step(node, entry.operator(), inputs, outputs, known, bodies));
    }

    private int slot(String name) {
        Integer slot = slots.get(name);
        if (slot == null) {
            throw new OnnxException("Nothing computes \"" + name + "\"");
        }
        return slot;
    }

    private int output(String name, Knowledge known, boolean shaped) {
        if (name.isEmpty()) {
            return -1;
        }
        declare(name, known, shaped || known != Knowledge.BATCH);
        return slot(name);
    }

    private Program body(Graph graph, Set<String> captured) {
        Compiler inner = new Compiler(operators, opset);
        graph.inputs().forEach(in -> inner.declare(in.name(), Knowledge.BATCH, false));
        captured.forEach(name -> inner.declare(name, Knowledge.BATCH, false));
        graph.initializers().keySet().forEach(n -> inner.declare(n, Knowledge.BATCH, false));
        Program program = inner.addAll(graph.nodes()).program(graph.outputs());
        return program.withInitializers(graph.initializers(), graph.inputs().size());
    }

    /** A shape is known as soon as the input's is; any other value when all inputs are. */
    private Knowledge knowledge(Node node, Entry entry, int[] inputs) {
        if (!entry.isFixed()) {
            return Knowledge.BATCH;
        }
        if (node.type().equals("Shape") || node.type().equals("Size")) {
            Knowledge value = values.get(inputs[0]);
            boolean shapeOnly = value == Knowledge.BATCH && shapes.get(inputs[0]);
            return shapeOnly ? Knowledge.SHAPES : value;
        }
        Knowledge known = Knowledge.FILE;
        for (int input : inputs) {
            known = input < 0 ? known : known.and(values.get(input));
        }
        return known;
    }

    private boolean isShapeKnown(Entry entry, int[] inputs) {
        for (int i = 0; i < inputs.length; i++) {
            boolean decides = entry.isShapedBy(i);
            if (inputs[i] >= 0
                    && (!shapes.get(inputs[i])
                            || (decides && values.get(inputs[i]) == Knowledge.BATCH))) {
                return false;
            }
        }
        return entry.isFixed();
    }

    private Set<String> captured(Node node) {
        Set<String> names = new LinkedHashSet<>();
        node.attributes().graphs().forEach(graph -> collect(graph, names));
        names.retainAll(slots.keySet());
        return names;
    }

    private static void collect(Graph graph, Set<String> names) {
        for (Node node : graph.nodes()) {
            names.addAll(node.inputs());
            node.attributes().graphs().forEach(inner -> collect(inner, names));
        }
        graph.outputs().forEach(output -> names.add(output.name()));
    }
}
