package dev.engram.onnx.adapter;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.engram.onnx.internal.proto.StoredWeight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the layers of a graph that can have an adapter, and says why others cannot. */
final class LayerScan {

    private final StoredWeight.Finder weights;
    private final Map<Integer, AdaptableLayer> found = new LinkedHashMap<>();
    private final List<String> refusals = new ArrayList<>();

    /** Looks at the nodes of the main graph; those in branches and loops are not looked at. */
    LayerScan(GraphProto graph) {
        this.weights = new StoredWeight.Finder(graph);
        for (int index = 0; index < graph.getNodeCount(); index++) {
            NodeProto node = graph.getNode(index);
            if (isProduct(node)) {
                look(index, node);
            }
        }
    }

    List<AdaptableLayer> layers() {
        return List.copyOf(found.values());
    }

    /** Returns the layers by the position of their node. */
    Map<Integer, AdaptableLayer> byPosition() {
        return found;
    }

    List<String> refusals() {
        return refusals;
    }

    private static boolean isProduct(NodeProto node) {
        return (node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx"))
                && node.getInputCount() >= 2
                && node.getOutputCount() == 1
                && (node.getOpType().equals("MatMul") || node.getOpType().equals("Gemm"));
    }

    private void look(int index, NodeProto node) {
        Optional<StoredWeight> weight = weights.find(node.getInput(1));
        if (weight.isEmpty() || weight.get().isEmpty()) {
            return; // an empty matrix is the default of a slot
        }
        String name = node.getName().isEmpty() ? node.getOutput(0) : node.getName();
        int type = weight.get().tensor().getDataType();
        if (type != TensorProto.DataType.FLOAT_VALUE) {
            refusals.add("%s: its weight has the element type %s, not float".formatted(name, type));
        } else if (attribute(node, "transA") != 0) {
            refusals.add(name + ": its input is transposed (transA)");
        } else {
            found.put(index, layer(name, node, weight.get()));
        }
    }

    private static AdaptableLayer layer(String name, NodeProto node, StoredWeight stored) {
        StoredWeight seen = attribute(node, "transB") == 0 ? stored : stored.flipped();
        return AdaptableLayer.of(
                name,
                node.getOpType(),
                seen.name(),
                seen.rows(),
                seen.columns(),
                seen.transposed());
    }

    private static long attribute(NodeProto node, String name) {
        return node.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals(name))
                .mapToLong(AttributeProto::getI)
                .findFirst()
                .orElse(0);
    }
}
