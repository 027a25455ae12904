package dev.engram.onnx.internal.weights;

import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.internal.model.Graph;
import dev.engram.onnx.internal.model.Node;
import dev.engram.onnx.internal.model.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which nodes use each value, those inside branches and loops included, and what that rules out.
 */
public final class Uses {

    private static final Set<String> ON_THE_WAY_TO_ANGLES =
            Set.of(
                    "Identity",
                    "Transpose",
                    "Reshape",
                    "Squeeze",
                    "Unsqueeze",
                    "Cast",
                    "Expand",
                    "Mul",
                    "MatMul",
                    "Einsum",
                    "Concat",
                    "Gather",
                    "Slice");

    /** Views of views that are followed; exporters need three or four. */
    private static final int DEEPEST = 8;

    /** Values of this size stand for minus infinity in a mask. */
    private static final double MASK = 1e9;

    /** The bits of 2¹⁵ in float16, whose largest number is not quite twice that. */
    private static final int HALF_MASK = 0x7800;

    /** A node, and which of its inputs a value is. */
    public record Use(Node node, int input) {}

    private final Map<String, List<Use>> uses = new HashMap<>();

    public Uses(Graph graph) {
        index(graph);
    }

    private void index(Graph part) {
        for (Node node : part.nodes()) {
            for (int i = 0; i < node.inputs().size(); i++) {
                String name = node.inputs().get(i);
                uses.computeIfAbsent(name, n -> new ArrayList<>()).add(new Use(node, i));
            }
            node.attributes().graphs().forEach(this::index);
        }
    }

    public List<Use> of(String name) {
        return uses.getOrDefault(name, List.of());
    }

    /** Returns whether a value is the slope of a PRelu, which learns even if it is one number. */
    public boolean isSlope(String name) {
        return of(name).stream()
                .anyMatch(use -> use.node().type().equals("PRelu") && use.input() == 1);
    }

    /** Returns whether a tensor is surely a constant: a mask, or frequencies. */
    public boolean tellsConstant(Tensor tensor) {
        return isMask(tensor) || turnsOnly(tensor.name(), new HashSet<>(), 0);
    }

    /** Values that end only in a sine or cosine are frequencies of a rotary embedding. */
    private boolean turnsOnly(String name, Set<String> seen, int depth) {
        List<Use> all = of(name);
        return depth < DEEPEST
                && !all.isEmpty()
                && all.stream().allMatch(use -> turns(use.node(), seen, depth));
    }

    private boolean turns(Node node, Set<String> seen, int depth) {
        if (node.type().equals("Sin") || node.type().equals("Cos")) {
            return true;
        }
        String output = node.outputs().get(0);
        return ON_THE_WAY_TO_ANGLES.contains(node.type())
                && (!seen.add(output) || turnsOnly(output, seen, depth + 1));
    }

    private static boolean isMask(Tensor tensor) {
        ByteBuffer values = tensor.values();
        boolean isHalf = tensor.type() == ElementType.FLOAT16;
        boolean isMask = false;
        while ((isHalf || tensor.type() == ElementType.FLOAT) && values.hasRemaining() && !isMask) {
            isMask =
                    isHalf
                            ? (values.getShort() & 0x7fff) >= HALF_MASK
                            : !(Math.abs(values.getFloat()) < MASK);
        }
        return isMask;
    }
}
