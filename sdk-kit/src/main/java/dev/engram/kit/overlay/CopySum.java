package dev.engram.kit.overlay;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import dev.engram.api.Stable;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.TaskParameters;
import java.util.Map;

/** The weighted sum of what tasks have as whole copies: {@code W + Σ wᵢ (Wᵢ - W)}. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class CopySum {

    private final BaseModel base;
    private final Map<? extends TaskParameters, Double> weights;

    /** Sums the copies of tasks over a base, each with its weight. */
    public CopySum(BaseModel base, Map<? extends TaskParameters, Double> weights) {
        this.base = base;
        this.weights = Map.copyOf(weights);
    }

    /**
     * Sets a copy to the sum of the tasks' copies of the same parameter; a task without one counts
     * as the base with what it adds there.
     *
     * @param path of the base's parameter
     */
    public void into(TaskParameters sum, String path) {
        String name = OwnCopy.name(path);
        try (NDManager scope = base.manager().newSubManager()) {
            NDArray original = Detached.in(scope, base.parameters().get(path));
            NDArray total = original;
            for (Map.Entry<? extends TaskParameters, Double> task : weights.entrySet()) {
                Parameter copy = task.getKey().parameters().get(name);
                NDArray own =
                        copy == null
                                ? changed(task.getKey(), path, original, scope)
                                : Detached.in(scope, copy);
                float weight = task.getValue().floatValue();
                // A difference that is added again is not the same bits.
                total =
                        weights.size() == 1 && weight == 1
                                ? own
                                : total.add(own.sub(original).mul(weight));
            }
            Parameter target = sum.parameters().get(name);
            OpaqueBase.put(total, target, target.requiresGradient());
        }
    }

    private static NDArray changed(
            TaskParameters task, String path, NDArray original, NDManager scope) {
        NDList factors = task.products(scope).get(path);
        return factors == null
                ? original
                : original.add(factors.get(0).matMul(factors.get(1)).reshape(original.getShape()));
    }
}
