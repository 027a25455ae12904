package dev.engram.onnx.internal.proto;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A stored matrix, seen through the aliases and transpositions that exporters put before it.
 *
 * @param name the initialiser's name, or the name of the output of a Constant node
 * @param tensor its values
 * @param transposed whether the node sees it transposed
 */
public record StoredWeight(String name, TensorProto tensor, boolean transposed) {

    private static final int LONGEST_CHAIN = 16;

    public long rows() {
        return tensor.getDims(transposed ? 1 : 0);
    }

    public long columns() {
        return tensor.getDims(transposed ? 0 : 1);
    }

    public boolean isEmpty() {
        return rows() * columns() == 0;
    }

    public StoredWeight flipped() {
        return new StoredWeight(name, tensor, !transposed);
    }

    /** Finds the stored matrices of one graph. */
    public static final class Finder {

        private final Map<String, TensorProto> stored = new HashMap<>();
        private final Map<String, NodeProto> makers = new HashMap<>();

        public Finder(GraphProto graph) {
            graph.getInitializerList().forEach(tensor -> stored.put(tensor.getName(), tensor));
            for (NodeProto node : graph.getNodeList()) {
                node.getOutputList().forEach(output -> makers.put(output, node));
            }
        }

        /** Returns the stored matrix behind a value, if there is one. */
        public Optional<StoredWeight> find(String value) {
            return find(value, false, LONGEST_CHAIN);
        }

        private Optional<StoredWeight> find(String value, boolean transposed, int steps) {
            TensorProto tensor = stored.get(value);
            if (tensor != null) {
                return matrix(value, tensor, transposed);
            }
            NodeProto maker = makers.get(value);
            if (maker == null || steps == 0) {
                return Optional.empty();
            }
            if (maker.getOpType().equals("Constant")) {
                return constant(maker).flatMap(t -> matrix(value, t, transposed));
            }
            return maker.getInputCount() == 0 ? Optional.empty() : behind(maker, transposed, steps);
        }

        private Optional<StoredWeight> behind(NodeProto maker, boolean transposed, int steps) {
            return switch (maker.getOpType()) {
                case "Identity" -> find(maker.getInput(0), transposed, steps - 1);
                case "Transpose" ->
                        find(maker.getInput(0), transposed ^ swapsAxes(maker), steps - 1);
                default -> Optional.empty();
            };
        }

        /** A Transpose without a permutation reverses the axes; one with (0, 1) does nothing. */
        private static boolean swapsAxes(NodeProto transpose) {
            return transpose.getAttributeList().stream()
                    .filter(attribute -> attribute.getName().equals("perm"))
                    .allMatch(attribute -> attribute.getIntsList().indexOf(0L) != 0);
        }

        private static Optional<StoredWeight> matrix(String name, TensorProto tensor, boolean t) {
            return tensor.getDimsCount() == 2
                    ? Optional.of(new StoredWeight(name, tensor, t))
                    : Optional.empty();
        }

        private static Optional<TensorProto> constant(NodeProto node) {
            List<AttributeProto> attributes = node.getAttributeList();
            return attributes.stream()
                    .filter(attribute -> attribute.getName().equals("value") && attribute.hasT())
                    .map(AttributeProto::getT)
                    .findFirst();
        }
    }
}
