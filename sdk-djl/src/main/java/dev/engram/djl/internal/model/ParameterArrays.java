package dev.engram.djl.internal.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import dev.engram.api.EngramException;
import dev.engram.kit.autograd.EngineMemory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** Writes values into the arrays of parameters. */
public final class ParameterArrays {

    private ParameterArrays() {}

    /** Writes through a handle that autograd knows nothing of, so that the array stays a leaf. */
    public static void into(NDArray array, NDArray value) {
        try (NDArray handle = array.stopGradient()) {
            EngineMemory.write(value, handle);
        }
    }

    /**
     * Runs work while arrays that no block asks a store for, as TorchScript's, hold other values;
     * then they have their own again, bit for bit.
     */
    static <T> T during(
            Map<Parameter, NDArray> values, Function<Parameter, NDArray> arrays, Supplier<T> work) {
        requireSameShapes(values, arrays);
        Map<Parameter, NDArray> own = new LinkedHashMap<>();
        NDArray any = arrays.apply(values.keySet().iterator().next());
        try (NDManager kept = any.getManager().newSubManager()) {
            values.keySet().forEach(p -> own.put(p, EngineMemory.copy(arrays.apply(p), kept)));
            try {
                values.forEach((parameter, value) -> into(arrays.apply(parameter), value));
                return work.get();
            } finally {
                own.forEach((parameter, value) -> into(arrays.apply(parameter), value));
            }
        }
    }

    private static void requireSameShapes(
            Map<Parameter, NDArray> values, Function<Parameter, NDArray> arrays) {
        values.forEach(
                (parameter, value) -> {
                    NDArray array = arrays.apply(parameter);
                    if (!array.getShape().equals(value.getShape())) {
                        throw new EngramException(
                                "The model's parameter %s has the shape %s now, but %s when its values were copied: a TorchScript block runs with values of its own shape only. Load the model as blocks of DJL, or as ONNX."
                                        .formatted(
                                                parameter.getName(),
                                                array.getShape(),
                                                value.getShape()));
                    }
                });
    }
}
