package dev.engram.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import dev.engram.api.Experimental;
import dev.engram.onnx.graph.ElementType;
import java.util.Arrays;

/** A floating tensor of an ONNX file, which may become a parameter. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Initializer {

    private final String name;
    private final ElementType type;
    private final long[] dims;
    private final Role role;

    Initializer(String name, ElementType type, long[] dims, Role role) {
        this.name = name;
        this.type = type;
        this.dims = dims;
        this.role = role;
    }

    /** Returns its name in the file. */
    public String name() {
        return name;
    }

    /** Returns the type of its elements in the file. */
    public ElementType type() {
        return type;
    }

    /** Returns its shape. */
    public long[] dims() {
        return dims.clone();
    }

    /** Returns what it is for. */
    public Role role() {
        return role;
    }

    /** Makes the parameter that trains it, with these values. */
    Parameter parameter(NDArray values) {
        Parameter.Type kind =
                switch (role) {
                    case WEIGHT, EMBEDDING -> Parameter.Type.WEIGHT;
                    case BIAS -> Parameter.Type.BIAS;
                    default -> Parameter.Type.OTHER;
                };
        Parameter parameter = Parameter.builder().setName(name).setType(kind).build();
        parameter.setArray(values);
        // As DJL's own blocks after initialize, which a loop need not call for a model with values.
        values.setRequiresGradient(true);
        return parameter;
    }

    @Override
    public String toString() {
        return name + Arrays.toString(dims) + ":" + role;
    }
}
