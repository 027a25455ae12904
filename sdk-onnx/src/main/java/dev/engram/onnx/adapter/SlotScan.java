package dev.engram.onnx.adapter;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Finds in a prepared graph the layers that have a slot, by the names that {@link SlotNodes} gives.
 */
final class SlotScan {

    private final GraphProto graph;
    private final LayerScan scan;
    private final Map<String, Integer> makers = new HashMap<>();
    private final Map<Integer, AdaptableLayer> layers = new LinkedHashMap<>();

    SlotScan(GraphProto graph) {
        this.graph = graph;
        this.scan = new LayerScan(graph);
        for (int index = 0; index < graph.getNodeCount(); index++) {
            for (String output : graph.getNode(index).getOutputList()) {
                makers.put(output, index);
            }
        }
        graph.getNodeList().stream().filter(SlotScan::isDown).forEach(this::look);
    }

    /** Returns the layers that have a slot, by the position of their product. */
    Map<Integer, AdaptableLayer> layers() {
        return layers;
    }

    private static boolean isDown(NodeProto node) {
        return node.getOpType().equals("MatMul")
                && node.getInputCount() == 2
                && node.getOutputCount() == 1
                && AdapterSlot.isA(node.getInput(1))
                && node.getOutput(0).endsWith(SlotNodes.DOWN);
    }

    private void look(NodeProto down) {
        String name = down.getOutput(0);
        String output = name.substring(0, name.length() - SlotNodes.DOWN.length());
        String weight = AdapterSlot.weightOf(down.getInput(1));
        product(output + SlotNodes.BASE, weight)
                .ifPresent(index -> layers.put(index, scan.byPosition().get(index)));
    }

    /** The slot is added to the product's output, or to that of its bias. */
    private Optional<Integer> product(String base, String weight) {
        Integer last = makers.get(base);
        if (last == null) {
            return Optional.empty();
        }
        return isProductBy(weight, last)
                ? Optional.of(last)
                : graph.getNode(last).getInputList().stream()
                        .map(makers::get)
                        .filter(index -> index != null && isProductBy(weight, index))
                        .findFirst();
    }

    private boolean isProductBy(String weight, int index) {
        AdaptableLayer layer = scan.byPosition().get(index);
        return layer != null && layer.weight().equals(weight);
    }
}
