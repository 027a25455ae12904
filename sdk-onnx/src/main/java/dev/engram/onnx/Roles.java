package dev.engram.onnx;

import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.Graph;
import dev.engram.onnx.graph.Node;
import dev.engram.onnx.graph.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
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

    /** Views of views that are followed; exporters need three or four. */
    private static final int DEEPEST = 8;

    private final Map<String, List<Use>> uses = new HashMap<>();

    /** Values already followed for one tensor: a file can hold more ways to a node than nodes. */
    private final Set<String> seen = new HashSet<>();

    private Roles(Graph graph) {
        index(graph);
    }

    /**
     * Returns the floating initialisers of a graph, each with its role.
     *
     * <p>Makers that have initialisers keep grids, anchors and factors in Constant nodes: what is
     * there is taken for a parameter only where its place leaves no doubt. Those who keep all
     * weights in Constant nodes keep the biases and tables there too.
     */
    static Map<String, Initializer> of(Graph graph) {
        Roles roles = new Roles(graph);
        Map<String, Initializer> found = roles.of(graph, graph.constants());
        boolean isInitializerTrained =
                found.values().stream()
                        .filter(initializer -> !graph.constants().contains(initializer.name()))
                        .anyMatch(initializer -> initializer.role().isTrained());
        return isInitializerTrained ? found : roles.of(graph, Set.of());
    }

    private Map<String, Initializer> of(Graph graph, Set<String> doubtful) {
        Map<String, Initializer> found = new LinkedHashMap<>();
        for (Tensor tensor : graph.initializers().values()) {
            String name = tensor.name();
            if (tensor.type().isFloating()) {
                Role role = role(tensor, !doubtful.contains(name));
                found.put(name, new Initializer(name, tensor.type(), tensor.dims(), role));
            }
        }
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

    private Role role(Tensor tensor, boolean guesses) {
        seen.clear();
        Role role = role(tensor.name(), tensor.dims(), guesses, 0);
        seen.clear();
        boolean trained = role.isTrained();
        return trained && (tensor.size() < 2 || isMask(tensor) || turnsOnly(tensor.name(), 0))
                ? Role.CONSTANT
                : role;
    }

    /** A statistic anywhere stays one; else the first use that trains decides. */
    private Role role(String name, long[] dims, boolean guesses, int depth) {
        Role role = Role.CONSTANT;
        for (Use use : uses.getOrDefault(name, List.of())) {
            Role certain = certain(use, dims);
            Role here = guesses && certain == Role.CONSTANT ? guessed(use, dims) : certain;
            boolean goesOn = isView(use) && depth < DEEPEST && seen.add(output(use));
            here = goesOn ? role(output(use), dims, guesses, depth + 1) : here;
            if (here == Role.STATISTIC) {
                return here;
            }
            role = role == Role.CONSTANT ? here : role;
        }
        return role;
    }

    /** What the place tells. */
    private static Role certain(Use use, long[] dims) {
        int input = use.input();
        return switch (use.node().type()) {
            case "MatMul", "Einsum" -> dims.length > 1 ? Role.WEIGHT : Role.CONSTANT;
            case "Gemm", "Conv", "ConvTranspose" -> input == 2 ? Role.BIAS : Role.WEIGHT;
            case "PRelu" -> Role.SCALE;
            case "BatchNormalization" -> input > 2 ? Role.STATISTIC : Role.CONSTANT;
            default -> Role.CONSTANT;
        };
    }

    /**
     * What is likely: an exporter gives a norm without scale and shift constants in their place.
     */
    private static Role guessed(Use use, long[] dims) {
        return switch (use.node().type()) {
            case "BatchNormalization",
                    "LayerNormalization",
                    "GroupNormalization",
                    "InstanceNormalization",
                    "RMSNormalization" ->
                    use.input() == 1 ? Role.SCALE : Role.BIAS;
            case "Gather" -> use.input() == 0 && dims.length > 1 ? Role.EMBEDDING : Role.CONSTANT;
            case "Concat" -> dims.length == 3 && isVector(dims) ? Role.EMBEDDING : Role.CONSTANT;
            case "Add", "Sub" -> added(dims);
            case "Mul" -> isVector(dims) ? Role.SCALE : Role.CONSTANT;
            default -> Role.CONSTANT;
        };
    }

    private static boolean isView(Use use) {
        return VIEWS.contains(use.node().type()) && use.input() == 0;
    }

    private static String output(Use use) {
        return use.node().outputs().get(0);
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
        return depth < DEEPEST
                && !all.isEmpty()
                && all.stream().allMatch(use -> turns(use.node(), depth));
    }

    private boolean turns(Node node, int depth) {
        if (node.type().equals("Sin") || node.type().equals("Cos")) {
            return true;
        }
        String output = node.outputs().get(0);
        return ON_THE_WAY_TO_ANGLES.contains(node.type())
                && (!seen.add(output) || turnsOnly(output, depth + 1));
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
