package dev.engram.onnx.internal.model;

import java.util.List;

/** One operator at work in a graph; an empty input or output name is an optional one left out. */
public final class Node {

    private final String name;
    private final String domain;
    private final String type;
    private final List<String> inputs;
    private final List<String> outputs;
    private final Attributes attributes;
    private final String module;

    Node(
            String name,
            String domain,
            String type,
            List<String> inputs,
            List<String> outputs,
            Attributes attributes,
            String module) {
        this.name = name;
        this.module = module;
        this.domain = domain;
        this.type = type;
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
        this.attributes = attributes;
    }

    Node outline() {
        return new Node(name, domain, type, inputs, outputs, attributes.outline(), module);
    }

    /** Returns a node of another type with the same name and outputs. */
    Node with(String otherType, List<String> otherInputs, Attributes other) {
        return new Node(name, "", otherType, otherInputs, outputs, other, module);
    }

    Node widened() {
        return new Node(name, domain, type, inputs, outputs, attributes.widened(), module);
    }

    /** Returns its name; where a file gives none, that of its first output. */
    public String name() {
        return name;
    }

    /** Returns the operator set that its type belongs to; empty for ONNX itself. */
    public String domain() {
        return domain;
    }

    /** Returns the operator: {@code MatMul}. */
    public String type() {
        return type;
    }

    /** Returns the names of its inputs, in order. */
    public List<String> inputs() {
        return inputs;
    }

    /** Returns the names of its outputs, in order. */
    public List<String> outputs() {
        return outputs;
    }

    /** Returns its attributes. */
    public Attributes attributes() {
        return attributes;
    }

    /**
     * Returns the path of the module that it was exported from, such as {@code
     * model.layers.0.self_attn.q_proj}, where the exporter noted it; empty if not.
     */
    public String module() {
        return module;
    }

    @Override
    public String toString() {
        return (domain.isEmpty() ? "" : domain + ".") + type + " \"" + name + "\"";
    }
}
