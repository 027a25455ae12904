package dev.engram.onnx.internal.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import dev.engram.onnx.graph.OnnxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The arrays that training used in place of the parameters' own.
 *
 * <p>A trainer whose devices are others than that of the parameters trains copies, and puts their
 * values back when it is closed, just before it closes the copies. With several devices, of which
 * the first is that of the parameters, all get the same steps, and the parameters' own arrays are
 * as good as any.
 */
public final class TrainedCopies {

    private final Map<String, NDArray> copies = new ConcurrentHashMap<>();
    private final Set<ParameterStore> inPlace =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** Takes note of what a store answered in training. */
    public void see(
            ParameterStore store, Map<String, Parameter> parameters, Map<String, NDArray> used) {
        used.forEach(
                (name, array) -> {
                    Parameter parameter = parameters.get(name);
                    if (parameter == null || !parameter.requiresGradient()) {
                        return;
                    }
                    if (array == parameter.getArray()) {
                        inPlace.add(store);
                        copies.remove(name);
                    } else if (!inPlace.contains(store)) {
                        copies.put(name, array);
                    }
                });
    }

    /**
     * Refuses parameters whose values are not the trained ones; reads the devices.
     *
     * @throws OnnxException naming them
     */
    public void requirePutBack(Map<String, Parameter> parameters) {
        List<String> elsewhere = notPutBack(parameters);
        if (!elsewhere.isEmpty()) {
            throw new OnnxException(
                    "A trainer still holds the trained values of %s in copies on its own device; close it first, which puts them back. Nothing was written"
                            .formatted(elsewhere));
        }
    }

    private List<String> notPutBack(Map<String, Parameter> parameters) {
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, Parameter> own : parameters.entrySet()) {
            NDArray copy = copies.get(own.getKey());
            if (copy != null && !copy.isReleased()) {
                byte[] here = own.getValue().getArray().toByteArray();
                if (!Arrays.equals(here, copy.toByteArray())) {
                    names.add(own.getKey() + " on " + copy.getDevice());
                }
            }
        }
        return names;
    }
}
