package dev.engram.onnx.internal.proto;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.HashSet;
import java.util.Set;

/** The names of all values of a graph and of the graphs inside it. */
public final class ValueNames {

    private final Set<String> names = new HashSet<>();

    private ValueNames() {}

    public static Set<String> of(GraphProto graph) {
        ValueNames all = new ValueNames();
        all.add(graph);
        return all.names;
    }

    private void add(GraphProto graph) {
        graph.getInputList().stream().map(ValueInfoProto::getName).forEach(names::add);
        graph.getInitializerList().stream().map(TensorProto::getName).forEach(names::add);
        graph.getNodeList().stream().map(NodeProto::getOutputList).forEach(names::addAll);
        graph.getNodeList().stream()
                .flatMap(node -> node.getAttributeList().stream())
                .filter(AttributeProto::hasG)
                .map(AttributeProto::getG)
                .forEach(this::add);
    }
}
