package dev.engram.djl.tasks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.overlay.OpaqueBase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Checks tensors against a task's parameters, and only then copies them there. */
final class TaskTensors {

    private TaskTensors() {}

    /**
     * Gives a task's parameters values from elsewhere.
     *
     * @param rows how many those have that are about a parameter of the base that has grown
     * @throws EngramException naming every tensor that is missing, unknown, of another shape or
     *     type, or not finite; nothing is changed then
     */
    static void put(
            String task, Map<String, NDArray> tensors, TaskParameters into, KnownRows rows) {
        List<String> problems = new ArrayList<>();
        Set<String> unknown = new TreeSet<>(tensors.keySet());
        for (Pair<String, Parameter> own : into.parameters()) {
            unknown.remove(own.getKey());
            NDArray here = own.getValue().getArray();
            NDArray given = tensors.get(own.getKey());
            check(own.getKey(), here, wanted(own.getKey(), here, given, rows), given, problems);
        }
        unknown.forEach(name -> problems.add(name + " belongs to nothing here"));
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "The parameters of task \"%s\" do not fit this model and these settings; what was loaded before stays.\n  - %s"
                            .formatted(task, String.join("\n  - ", problems)));
        }
        for (Pair<String, Parameter> own : into.parameters()) {
            NDArray value = tensors.get(own.getKey());
            if (value != null && !value.getShape().equals(own.getValue().getShape())) {
                replace(own.getValue(), value);
            } else if (value != null) {
                OpaqueBase.put(value, own.getValue(), own.getValue().requiresGradient());
            }
        }
    }

    /**
     * Returns the shape that a tensor must have: that of the task's day, if its layer has grown.
     */
    private static Shape wanted(
            String name, NDArray here, @Nullable NDArray given, KnownRows rows) {
        long[] shape = here.getShape().getShape().clone();
        Optional<Long> known = rows.of(name);
        if (given != null && shape.length > 0 && known.isPresent()) {
            // Of what is about a grown parameter not all has a row for each of its rows.
            shape[0] = given.getShape().get(0) == known.get() ? known.get() : shape[0];
        }
        return new Shape(shape);
    }

    /** Gives a parameter an array of another shape. */
    private static void replace(Parameter parameter, NDArray value) {
        NDManager owner = parameter.getArray().getManager();
        parameter.getArray().setRequiresGradient(false);
        parameter.close();
        parameter.setShape(value.getShape());
        parameter.setInitializer((manager, shape, type) -> EngineMemory.copy(value, manager));
        parameter.initialize(owner, value.getDataType());
    }

    private static void check(
            String name,
            NDArray here,
            Shape wanted,
            @Nullable NDArray given,
            List<String> problems) {
        if (given == null) {
            problems.add(name + " of shape " + wanted + " is missing");
        } else if (!given.getShape().equals(wanted)) {
            problems.add(
                    "%s has shape %s, but %s is wanted".formatted(name, given.getShape(), wanted));
        } else if (given.getDataType() != here.getDataType()) {
            problems.add(
                    "%s is %s, but %s is wanted"
                            .formatted(name, given.getDataType(), here.getDataType()));
        } else if (!isFinite(given)) {
            problems.add(name + " holds values that are not finite");
        }
    }

    /** Waits for the device: loading does. */
    static boolean isFinite(NDArray array) {
        try (NDArray zero = array.sub(array);
                NDArray sum = zero.abs().sum()) {
            return sum.toType(DataType.FLOAT32, false).getFloat() == 0;
        }
    }
}
