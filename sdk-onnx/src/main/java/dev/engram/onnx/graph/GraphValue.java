package dev.engram.onnx.graph;

import dev.engram.api.Experimental;
import java.util.Arrays;
import java.util.Optional;

/** An input or output of a graph; a dimension that the file leaves open is -1. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class GraphValue {

    private final String name;
    private final Optional<ElementType> type;
    private final Optional<long[]> dims;

    private GraphValue(String name, Optional<ElementType> type, Optional<long[]> dims) {
        this.name = name;
        this.type = type;
        this.dims = dims;
    }

    /**
     * Returns the value with this name.
     *
     * @param type the type of its elements, if it is known
     * @param dims its shape, with -1 for open dimensions, if it is known
     */
    public static GraphValue of(String name, Optional<ElementType> type, Optional<long[]> dims) {
        return new GraphValue(name, type, dims.map(long[]::clone));
    }

    /** Returns its name. */
    public String name() {
        return name;
    }

    /** Returns the type of its elements, if the file states one. */
    public Optional<ElementType> type() {
        return type;
    }

    /** Returns its shape, with -1 for open dimensions, if the file states one. */
    public Optional<long[]> dims() {
        return dims.map(long[]::clone);
    }

    @Override
    public String toString() {
        return name + dims.map(Arrays::toString).orElse("[?]");
    }
}
