package dev.engram.metalearning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.kit.autograd.Cleared;
import dev.engram.kit.autograd.EngineMemory;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model's own arrays that train, as they are changed in place, by path name. */
final class MetaWeights {

    private final Map<String, NDArray> leaves = new LinkedHashMap<>();
    private final Map<String, NDArray> values = new LinkedHashMap<>();

    /**
     * Sees a model.
     *
     * @param owner of the views
     */
    MetaWeights(Block block, NDManager owner) {
        for (Pair<String, Parameter> entry : block.getParameters()) {
            Parameter parameter = entry.getValue();
            if (parameter.requiresGradient() && parameter.getArray().getDataType().isFloating()) {
                NDArray leaf = parameter.getArray();
                leaf.setRequiresGradient(true);
                NDArray value = leaf.stopGradient();
                value.attach(owner);
                leaves.put(entry.getKey(), leaf);
                values.put(entry.getKey(), value);
            }
        }
    }

    /** Returns the arrays that hold gradients. */
    Map<String, NDArray> leaves() {
        return leaves;
    }

    /** Returns the same, cut off from autograd. */
    Map<String, NDArray> values() {
        return values;
    }

    NDArray value(String name) {
        NDArray value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name);
        }
        return value;
    }

    Map<String, NDArray> copy(NDManager owner) {
        Map<String, NDArray> copy = new LinkedHashMap<>();
        values.forEach((name, value) -> copy.put(name, EngineMemory.copy(value, owner)));
        return copy;
    }

    void set(Map<String, NDArray> to) {
        values.forEach(
                (name, value) -> {
                    NDArray wanted = to.get(name);
                    if (wanted != null) {
                        EngineMemory.write(wanted, value);
                    }
                });
    }

    void clearGradients() {
        for (NDArray leaf : leaves.values()) {
            try (NDArray gradient = leaf.getGradient()) {
                Cleared.zero(gradient);
            }
        }
    }
}
