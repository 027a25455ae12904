package dev.engram.djl.isolation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.TaskParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Checks tensors against a task's parameters, and only then copies them there. */
final class TaskTensors {

    private TaskTensors() {}

    /**
     * Gives a task's parameters values from elsewhere.
     *
     * @throws EngramException naming every tensor that is missing, unknown, of another shape or
     *     type, or not finite; nothing is changed then
     */
    static void put(String task, Map<String, NDArray> tensors, TaskParameters into) {
        List<String> problems = new ArrayList<>();
        Set<String> unknown = new TreeSet<>(tensors.keySet());
        for (Pair<String, Parameter> own : into.parameters()) {
            unknown.remove(own.getKey());
            check(own.getKey(), own.getValue().getArray(), tensors.get(own.getKey()), problems);
        }
        unknown.forEach(name -> problems.add(name + " belongs to nothing here"));
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "The parameters of task \"%s\" do not fit this model and these settings; what was loaded before stays.\n  - %s"
                            .formatted(task, String.join("\n  - ", problems)));
        }
        for (Pair<String, Parameter> own : into.parameters()) {
            NDArray value = tensors.get(own.getKey());
            if (value != null) {
                OpaqueBase.put(value, own.getValue(), own.getValue().requiresGradient());
            }
        }
    }

    private static void check(
            String name, NDArray here, @Nullable NDArray given, List<String> problems) {
        if (given == null) {
            problems.add(name + " of shape " + here.getShape() + " is missing");
        } else if (!given.getShape().equals(here.getShape())) {
            problems.add(
                    "%s has shape %s, but %s is wanted"
                            .formatted(name, given.getShape(), here.getShape()));
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
