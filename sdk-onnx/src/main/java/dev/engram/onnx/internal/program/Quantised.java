package dev.engram.onnx.internal.program;

import dev.engram.onnx.internal.model.Graph;
import dev.engram.onnx.internal.model.Node;
import java.util.Optional;
import java.util.Set;

/** Files whose weights are rounded to a few steps, between which no gradient leads. */
public final class Quantised {

    private static final Set<String> OPERATORS =
            Set.of(
                    "QuantizeLinear",
                    "DequantizeLinear",
                    "DynamicQuantizeLinear",
                    "MatMulInteger",
                    "ConvInteger",
                    "MatMulNBits",
                    "DynamicQuantizeMatMul");

    private Quantised() {}

    /** Returns the first node that works on rounded values, those in branches included. */
    public static Optional<Node> first(Graph graph) {
        for (Node node : graph.nodes()) {
            if (OPERATORS.contains(node.type()) || node.type().startsWith("QLinear")) {
                return Optional.of(node);
            }
            for (Graph inner : node.attributes().graphs()) {
                Optional<Node> found = first(inner);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    /** Says what to do about it. */
    public static String advice(Node node) {
        return "It is quantised ("
                + node
                + "): its weights are whole numbers, which cannot learn. Train the file from before"
                + " the quantisation, and quantise what OnnxWriter writes";
    }
}
