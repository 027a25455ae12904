package dev.engram.kit.penalty;

import ai.djl.ndarray.NDArray;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Refuses an importance that would poison what was already learnt. */
final class ImportanceCheck {

    private ImportanceCheck() {}

    static void check(String guard, FinishedTask task, Map<String, NDArray> found) {
        List<String> problems = new ArrayList<>();
        double total = 0;
        for (LiveParameter parameter : task.parameters()) {
            NDArray importance = found.get(parameter.name());
            if (importance == null) {
                continue;
            }
            if (!importance.getShape().equals(parameter.value().getShape())) {
                problems.add(
                        "%s has shape %s, its importance %s"
                                .formatted(
                                        parameter.name(),
                                        parameter.value().getShape(),
                                        importance.getShape()));
                continue;
            }
            double sum = Reading.sum(importance, task.scratch());
            double weights = Reading.sum(parameter.value(), task.scratch());
            if (!Double.isFinite(sum) || !Double.isFinite(weights) || isNegative(importance)) {
                problems.add(
                        "%s: sum of the importance %s, sum of the weights %s, both must be finite and"
                                        .formatted(parameter.name(), sum, weights)
                                + " no importance negative");
            }
            total += sum;
        }
        if (problems.isEmpty() && total == 0) {
            problems.add(
                    "every importance is zero: the loss does not depend on the guarded parameters");
        }
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "Guard \"%s\" cannot consolidate task \"%s\"; what it had learnt before stands.\n  - %s"
                            .formatted(guard, task.task().name(), String.join("\n  - ", problems)));
        }
    }

    private static boolean isNegative(NDArray importance) {
        try (NDArray least = importance.min();
                NDArray below = least.lt(0)) {
            return below.getBoolean();
        }
    }
}
