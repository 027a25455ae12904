package dev.engram.kit.autograd;

import ai.djl.ndarray.NDArray;
import dev.engram.api.Stable;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Sums, over the backward passes of an estimate, of what becomes of each parameter's gradient: of
 * its square, or of its magnitude.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class GradientSums {

    private final FinishedTask task;
    private final Map<String, NDArray> sums = new LinkedHashMap<>();

    /** Begins with zeros for the parameters of a task, owned by its scratch manager. */
    public GradientSums(FinishedTask task) {
        this.task = task;
        for (LiveParameter parameter : task.parameters()) {
            NDArray zeros = parameter.value().zerosLike();
            zeros.attach(task.scratch());
            sums.put(parameter.name(), zeros);
        }
    }

    /**
     * Adds what becomes of the gradients, and sets them to zero for the next pass.
     *
     * @param term returns a new array of the same shape, such as {@code NDArray::square}
     */
    public void add(UnaryOperator<NDArray> term) {
        for (LiveParameter parameter : task.parameters()) {
            NDArray sum = sums.get(parameter.name());
            try (NDArray gradient = parameter.gradient();
                    NDArray added = term.apply(gradient)) {
                if (sum != null) {
                    sum.addi(added);
                }
                Cleared.zero(gradient);
            }
        }
    }

    /** Returns the sums themselves by the parameters' names, in a new map. */
    public Map<String, NDArray> byName() {
        return new LinkedHashMap<>(sums);
    }
}
