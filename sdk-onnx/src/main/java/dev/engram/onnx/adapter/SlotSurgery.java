package dev.engram.onnx.adapter;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.engram.api.EngramException;
import dev.engram.onnx.internal.proto.ValueNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Puts slots into a graph. */
final class SlotSurgery {

    /** The first version in which an initialiser that is no input is a constant. */
    private static final int OPTIONAL_INPUTS = 4;

    private final ModelProto.Builder model;
    private final GraphProto.Builder graph;
    private final String where;
    private final LayerScan scan;
    private final Map<String, AdapterSlot> slots = new LinkedHashMap<>();

    SlotSurgery(ModelProto.Builder model, String where) {
        this.model = model;
        this.graph = model.getGraphBuilder();
        this.where = where;
        this.scan = new LayerScan(model.getGraph());
    }

    void run(LayerSelection selection) {
        selection.requireAllFound(scan, where);
        SlotNodes nodes = new SlotNodes(model.getGraph());
        Map<Integer, AdapterSlot> chosen = chosen(selection);
        requireFreeNames(nodes, chosen);
        makeInitialisersConstant();
        slots.values().forEach(slot -> new SlotInputs(slot).addTo(graph));
        graph.clearNode().addAllNode(nodes.with(chosen));
    }

    private Map<Integer, AdapterSlot> chosen(LayerSelection selection) {
        Map<Integer, AdapterSlot> chosen = new HashMap<>();
        scan.byPosition()
                .forEach(
                        (position, layer) -> {
                            if (selection.selects(layer)) {
                                chosen.put(position, declare(AdapterSlots.slot(layer)));
                            }
                        });
        return chosen;
    }

    /** ONNX has one name for one value, in branches and loops, too. */
    private void requireFreeNames(SlotNodes nodes, Map<Integer, AdapterSlot> chosen) {
        Set<String> taken = ValueNames.of(graph.build());
        chosen.forEach(
                (product, slot) -> {
                    List<String> wanted =
                            new ArrayList<>(SlotNodes.names(nodes.last(product).getOutput(0)));
                    wanted.addAll(List.of(slot.a(), slot.b()));
                    wanted.retainAll(taken);
                    if (!wanted.isEmpty()) {
                        throw new EngramException(
                                "%s already has values called %s, which the slot for %s needs: rename them"
                                        .formatted(where, wanted, slot.weight()));
                    }
                });
    }

    private AdapterSlot declare(AdapterSlot slot) {
        AdapterSlot earlier = slots.putIfAbsent(slot.weight(), slot);
        if (earlier != null && !earlier.equals(slot)) {
            throw new EngramException(
                    "%s uses %s as it is and transposed, and one pair cannot serve both: select one of the layers"
                            .formatted(where, slot.weight()));
        }
        if (graph.getInitializerList().stream().anyMatch(t -> t.getName().equals(slot.a()))) {
            throw new EngramException(
                    "%s already has a slot for %s: prepare the original file"
                            .formatted(where, slot.weight()));
        }
        return slot;
    }

    /** Before version 4 every initialiser had to be an input, too, and yet was a constant. */
    private void makeInitialisersConstant() {
        if (model.getIrVersion() >= OPTIONAL_INPUTS) {
            return;
        }
        model.setIrVersion(OPTIONAL_INPUTS);
        Set<String> stored =
                graph.getInitializerList().stream()
                        .map(TensorProto::getName)
                        .collect(Collectors.toSet());
        for (int i = graph.getInputCount() - 1; i >= 0; i--) {
            if (stored.contains(graph.getInput(i).getName())) {
                graph.removeInput(i);
            }
        }
    }
}
