package dev.engram.onnx;

import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.Graph;
import dev.engram.onnx.graph.Node;
import dev.engram.onnx.graph.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells weights from constants by the nodes that use them.
 *
 * <p>Every floating initialiser could be trained, and some models then give no numbers any more:
 * the gradient reaches epsilons, masks, rotary tables and the variances of BatchNorm.
 */
final class Roles {

    /** Nodes that only turn, reshape or rename what they get. */
    private static final Set<String> VIEWS =
            Set.of(
                    "Identity",
                    "Transpose",
                    "Reshape",
                    "Squeeze",
                    "Unsqueeze",
                    "Cast",
                    "Flatten",
                    "Expand");

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

    /** Values of this size stand for minus infinity in a mask. */
    private static final double MASK = 1e9;

    private record Use(Node node, int input) {}

    private final Map<String, List<Use>> uses = new HashMap<>();

    private Roles(Graph graph) {
        index(graph);
    }

    /** Returns the floating initialisers of a graph, each with its role. */
    static Map<String, Initializer> of(Graph graph) {
        Roles roles = new Roles(graph);
        Map<String, Initializer> found = new LinkedHashMap<>();
        graph.initializers()
                .forEach(
                        (name, tensor) -> {
                            if (tensor.type().isFloating()) {
                                Role role = roles.role(tensor);
                                found.put(
                                        name,
                                        new Initializer(name, tensor.type(), tensor.dims(), role));
                            }
                        });
        return found;
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

    private Role role(Tensor tensor) {
        Role role = role(tensor.name(), tensor.dims(), 0);
        boolean trained = role.isTrained();
        return trained && (tensor.size() < 2 || isMask(tensor) || turnsOnly(tensor.name(), 0))
                ? Role.CONSTANT
                : role;
    }

    /** A statistic anywhere stays one; else the first use that trains decides. */
    private Role role(String name, long[] dims, int depth) {
        Role role = Role.CONSTANT;
        for (Use use : uses.getOrDefault(name, List.of())) {
            Role here = role(use, dims, depth);
            if (here == Role.STATISTIC) {
                return here;
            }
            role = role == Role.CONSTANT ? here : role;
        }
        return role;
    }

    private Role role(Use use, long[] dims, int depth) {
        int input = use.input();
        String type = use.node().type();
        return switch (type) {
            case "MatMul", "Einsum" -> dims.length > 1 ? Role.WEIGHT : Role.CONSTANT;
            case "Gemm", "Conv", "ConvTranspose" -> input == 2 ? Role.BIAS : Role.WEIGHT;
            case "Gather" -> input == 0 && dims.length > 1 ? Role.EMBEDDING : Role.CONSTANT;
            case "PRelu" -> Role.SCALE;
            case "Concat" -> dims.length == 3 && isVector(dims) ? Role.EMBEDDING : Role.CONSTANT;
            case "BatchNormalization" -> input > 2 ? Role.STATISTIC : normal(input);
            case "LayerNormalization",
                    "GroupNormalization",
                    "InstanceNormalization",
                    "RMSNormalization" ->
                    normal(input);
            case "Add", "Sub" -> added(dims);
            case "Mul" -> isVector(dims) ? Role.SCALE : Role.CONSTANT;
            default -> viewed(use, dims, depth);
        };
    }

    private Role viewed(Use use, long[] dims, int depth) {
        boolean view = VIEWS.contains(use.node().type()) && use.input() == 0 && depth < 8;
        return view ? role(use.node().outputs().get(0), dims, depth + 1) : Role.CONSTANT;
    }

    private static Role normal(int input) {
        return input == 1 ? Role.SCALE : Role.BIAS;
    }

    private static Role added(long[] dims) {
        boolean positions = dims.length == 3 && dims[1] > 1 && dims[2] > 1;
        boolean table = positions || (dims.length == 2 && dims[0] > 1 && dims[1] > 1);
        if (table) {
            return Role.EMBEDDING;
        }
        return isVector(dims) ? Role.BIAS : Role.CONSTANT;
    }

    /** One value a channel, in whichever axis. */
    private static boolean isVector(long[] dims) {
        return dims.length > 0 && Arrays.stream(dims).filter(d -> d > 1).count() == 1;
    }

    /** Values that end only in a sine or cosine are frequencies of a rotary embedding. */
    private boolean turnsOnly(String name, int depth) {
        List<Use> all = uses.getOrDefault(name, List.of());
        return depth < 8
                && !all.isEmpty()
                && all.stream().allMatch(use -> turns(use.node(), depth));
    }

    private boolean turns(Node node, int depth) {
        if (node.type().equals("Sin") || node.type().equals("Cos")) {
            return true;
        }
        return ON_THE_WAY_TO_ANGLES.contains(node.type())
                && turnsOnly(node.outputs().get(0), depth + 1);
    }

    private static boolean isMask(Tensor tensor) {
        if (tensor.type() != ElementType.FLOAT) {
            return false;
        }
        ByteBuffer values = tensor.values();
        while (values.hasRemaining()) {
            float value = values.getFloat();
            if (!(Math.abs(value) < MASK)) {
                return true;
            }
        }
        return false;
    }
}
