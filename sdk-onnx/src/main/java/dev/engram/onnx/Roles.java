package dev.engram.onnx;

import dev.engram.onnx.internal.model.Graph;
import dev.engram.onnx.internal.model.Sequences;
import dev.engram.onnx.internal.model.Tensor;
import dev.engram.onnx.internal.weights.Uses;
import java.util.Arrays;
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

    /** Nodes that only turn, rename or cut up what they get. */
    private static final Set<String> VIEWS =
            Set.of("Identity", "Transpose", "Cast", "Split", Sequences.PART);

    /** Nodes after which a row of numbers may be a matrix. */
    private static final Set<String> RESHAPING =
            Set.of("Reshape", "Squeeze", "Unsqueeze", "Flatten", "Expand");

    /** Views of views that are followed; exporters need three or four. */
    private static final int DEEPEST = 8;

    private final Uses uses;

    /**
     * A tensor, or what a node made of it.
     *
     * @param tensor the tensor in the file
     */
    private record Seen(String name, Tensor tensor, boolean mayBeMatrix) {

        /** What a node only turns, reshapes or cuts up; where that is used tells what it is. */
        List<Seen> handedOn(Uses.Use use) {
            String type = use.node().type();
            boolean reshapes = RESHAPING.contains(type);
            if (use.input() > 0 || !(reshapes || VIEWS.contains(type))) {
                return List.of();
            }
            return use.node().outputs().stream()
                    .filter(output -> !output.isEmpty())
                    .map(output -> new Seen(output, tensor, mayBeMatrix || reshapes))
                    .toList();
        }
    }

    /** Values already followed for one tensor: a file can hold more ways to a node than nodes. */
    private final Set<String> seen = new HashSet<>();

    private Roles(Graph graph) {
        uses = new Uses(graph);
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

    private Role role(Tensor tensor, boolean guesses) {
        seen.clear();
        Seen whole = new Seen(tensor.name(), tensor, tensor.dims().length > 1);
        Role role = role(whole, guesses, 0);
        boolean isSingle = tensor.size() < 2 && !uses.isSlope(tensor.name());
        return role.isTrained() && (isSingle || uses.tellsConstant(tensor)) ? Role.CONSTANT : role;
    }

    /** A statistic anywhere stays one; else the first use that trains decides. */
    private Role role(Seen value, boolean guesses, int depth) {
        Role role = Role.CONSTANT;
        for (Uses.Use use : uses.of(value.name())) {
            Role certain = certain(use, value.mayBeMatrix());
            Role here =
                    guesses && certain == Role.CONSTANT
                            ? guessed(use, value.tensor().dims())
                            : certain;
            for (Seen part : depth < DEEPEST ? value.handedOn(use) : List.<Seen>of()) {
                here =
                        seen.add(part.name())
                                ? stronger(here, role(part, guesses, depth + 1))
                                : here;
            }
            role = stronger(role, here);
        }
        return role;
    }

    private static Role stronger(Role first, Role second) {
        return second == Role.STATISTIC || first == Role.CONSTANT ? second : first;
    }

    /** What the place tells. */
    private static Role certain(Uses.Use use, boolean mayBeMatrix) {
        int input = use.input();
        return switch (use.node().type()) {
            case "MatMul", "Einsum" -> mayBeMatrix ? Role.WEIGHT : Role.CONSTANT;
            case "Gemm", "Conv", "ConvTranspose" -> input == 2 ? Role.BIAS : Role.WEIGHT;
            case "PRelu" -> Role.SCALE;
            case "BatchNormalization" -> input > 2 ? Role.STATISTIC : Role.CONSTANT;
            default -> Role.CONSTANT;
        };
    }

    /**
     * What is likely: an exporter gives a norm without scale and shift constants in their place.
     */
    private static Role guessed(Uses.Use use, long[] dims) {
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
}
