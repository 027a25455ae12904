package dev.engram.djl.tasks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import dev.engram.api.EngramException;
import dev.engram.kit.overlay.Detached;
import dev.engram.kit.overlay.OpaqueBase;
import java.util.LinkedHashMap;
import java.util.Map;

/** Builds a task into the base, if the outputs stay what they are. */
final class Merge {

    private final Base base;
    private final NDManager owner;

    Merge(Base base, NDManager owner) {
        this.base = base;
        this.owner = owner;
    }

    void run(LoadedTask task, TaskHandle as, TaskHandle plain, NDList inputs, double tolerance) {
        try (NDManager scope = owner.newSubManager()) {
            Map<String, NDArray> merged =
                    task.merged(scope)
                            .orElseThrow(
                                    () ->
                                            new EngramException(
                                                    "Task \"%s\" is no sum with weights of the base, so it cannot be merged"
                                                            .formatted(task.name())));
            NDList wanted = outputs(as, inputs, scope);
            plain.predict(Detached.in(scope, inputs));
            Map<String, NDArray> before = exchange(merged, scope);
            boolean isSame = false;
            try {
                double off = difference(outputs(plain, inputs, scope), wanted);
                isSame = off <= tolerance;
                if (!isSame) {
                    throw new EngramException(
                            "Merging task \"%s\" would change outputs by %.3g, more than the tolerance %.3g: the base is as before"
                                    .formatted(task.name(), off, tolerance));
                }
            } finally {
                if (!isSame) {
                    exchange(before, scope);
                }
            }
        }
    }

    private Map<String, NDArray> exchange(Map<String, NDArray> values, NDManager scope) {
        Map<String, NDArray> before = new LinkedHashMap<>();
        values.forEach(
                (path, value) -> {
                    Parameter parameter = base.parameters().get(path);
                    NDArray copy = parameter.getArray().duplicate();
                    copy.attach(scope);
                    before.put(path, copy);
                    OpaqueBase.put(value, parameter, parameter.requiresGradient());
                });
        return before;
    }

    private static NDList outputs(TaskHandle handle, NDList inputs, NDManager scope) {
        return handle.predict(Detached.in(scope, inputs));
    }

    private static double difference(NDList found, NDList wanted) {
        double most = 0;
        for (int i = 0; i < wanted.size(); i++) {
            NDArray scale = wanted.get(i).abs().add(1);
            NDArray off = found.get(i).sub(wanted.get(i)).abs().div(scale).max();
            double value = off.toType(DataType.FLOAT64, false).getDouble();
            most = Double.isNaN(value) ? value : Math.max(most, value);
        }
        return most;
    }
}
