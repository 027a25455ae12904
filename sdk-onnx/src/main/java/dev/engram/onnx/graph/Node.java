package dev.engram.onnx.graph;

import dev.engram.api.Experimental;
import java.util.List;

/** One operator at work in a graph; an empty input or output name is an optional one left out. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Node {

    private final String name;
    private final String domain;
    private final String type;
    private final List<String> inputs;
    private final List<String> outputs;
    private final Attributes attributes;

    Node(
            String name,
            String domain,
            String type,
            List<String> inputs,
            List<String> outputs,
            Attributes attributes) {
        this.name = name;
        this.domain = domain;
        this.type = type;
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
        this.attributes = attributes;
    }

    Node outline() {
        return new Node(name, domain, type, inputs, outputs, attributes.outline());
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

    @Override
    public String toString() {
        return (domain.isEmpty() ? "" : domain + ".") + type + " \"" + name + "\"";
    }
}
