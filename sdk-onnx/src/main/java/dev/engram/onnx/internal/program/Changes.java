package dev.engram.onnx.internal.program;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What one run of a graph computes otherwise than the file says. */
public final class Changes {

    /** Nothing. */
    public static final Changes NONE = new Changes(Map.of(), Map.of());

    private final Map<String, ? extends UnaryOperator<NDArray>> added;
    private final Map<String, ? extends UnaryOperator<NDArray>> replaced;

    private Changes(
            Map<String, ? extends UnaryOperator<NDArray>> added,
            Map<String, ? extends UnaryOperator<NDArray>> replaced) {
        this.added = added;
        this.replaced = replaced;
    }

    /**
     * Returns the changes with these values.
     *
     * @param added by the name of an initialiser that only products have as their second input:
     *     what is added to each, made of its first input
     * @param replaced by the name of a value that is computed from the batch: what all who use it
     *     get instead, made of it
     */
    public static Changes of(
            Map<String, ? extends UnaryOperator<NDArray>> added,
            Map<String, ? extends UnaryOperator<NDArray>> replaced) {
        return new Changes(added, replaced);
    }

    /**
     * Returns by the name of an initialiser that only products have as their second input: what is
     * added to each, made of its first input.
     */
    public Map<String, ? extends UnaryOperator<NDArray>> added() {
        return added;
    }

    /**
     * Returns by the name of a value that is computed from the batch: what all who use it get
     * instead, made of it.
     */
    public Map<String, ? extends UnaryOperator<NDArray>> replaced() {
        return replaced;
    }
}
