package dev.engram.onnx.internal.program;

import dev.engram.onnx.internal.model.Node;
import java.util.Map;

/**
 * One node in a program: where it takes its inputs and leaves its outputs, and when its values are
 * known.
 */
final class Step {

    private final Node node;
    private final Operator operator;
    private final int[] inputs;
    private final int[] outputs;
    private final Knowledge knowledge;
    private final Map<String, Program> bodies;

    Step(
            Node node,
            Operator operator,
            int[] inputs,
            int[] outputs,
            Knowledge knowledge,
            Map<String, Program> bodies) {
        this.node = node;
        this.operator = operator;
        this.inputs = inputs;
        this.outputs = outputs;
        this.knowledge = knowledge;
        this.bodies = Map.copyOf(bodies);
    }

    Node node() {
        return node;
    }

    Operator operator() {
        return operator;
    }

    /** Returns the slots of the inputs; -1 for one left out. */
    int[] inputs() {
        return inputs;
    }

    /** Returns the slots of the outputs; -1 for one that nobody wants. */
    int[] outputs() {
        return outputs;
    }

    Knowledge knowledge() {
        return knowledge;
    }

    Map<String, Program> bodies() {
        return bodies;
    }
}
