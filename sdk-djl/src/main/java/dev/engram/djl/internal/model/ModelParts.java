package dev.engram.djl.internal.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a model consists of that guards run.
 *
 * @param block the user's block
 * @param evaluation its twin for evaluation mode
 * @param opaque the parameters that no block asks the store for
 * @param store knows where the live arrays are
 * @param device where guards run it, the trainer's first
 * @param devices how many the trainer has
 */
public record ModelParts(
        Block block,
        Block evaluation,
        Set<Parameter> opaque,
        ParameterStore store,
        Device device,
        int devices) {

    NDArray array(Parameter parameter) {
        return store.getValue(parameter, device, false);
    }

    /** Returns the parameters with values by path name, each once, without an isolated base's. */
    Map<String, Parameter> parameters() {
        Map<String, Parameter> found = new LinkedHashMap<>();
        Set<Parameter> known = Collections.newSetFromMap(new IdentityHashMap<>());
        if (block instanceof IsolatedBlock isolated && isolated.trains()) {
            known.addAll(isolated.base().getParameters().values());
        }
        for (Pair<String, Parameter> entry : block.getParameters()) {
            if (entry.getValue().isInitialized() && known.add(entry.getValue())) {
                found.put(entry.getKey(), entry.getValue());
            }
        }
        return found;
    }

    Map<Parameter, NDArray> byParameter(Map<String, NDArray> values) {
        Map<Parameter, NDArray> found = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            NDArray value = values.get(entry.getKey());
            if (value != null) {
                found.put(entry.getValue(), value);
            }
        }
        return found;
    }

    Map<Parameter, NDArray> opaqueOf(Map<Parameter, NDArray> values) {
        Map<Parameter, NDArray> found = new LinkedHashMap<>(values);
        found.keySet().retainAll(opaque);
        return found;
    }

    void requireOneDevice() {
        if (devices > 1) {
            throw new EngramException(
                    "A guard that writes weights works on one device, but the trainer has %s: train on one"
                            .formatted(devices));
        }
    }
}
