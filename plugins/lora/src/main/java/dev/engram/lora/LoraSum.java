package dev.engram.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.kit.overlay.CopySum;
import dev.engram.kit.overlay.Detached;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.lora.internal.update.DecomposedUpdate;
import dev.engram.lora.internal.update.LowRankUpdate;
import dev.engram.lora.internal.update.StackedUpdate;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The weighted sum of tasks: {@code W + Σ wᵢ sᵢ BᵢAᵢ}, exactly, as one pair of the ranks' sum; of
 * parameters that a task has as a whole, {@code W + Σ wᵢ (Wᵢ - W)}.
 *
 * <p>Tasks may differ in rank, scale and targets: what a task does not change it adds nothing to.
 */
final class LoraSum {

    private final BaseModel base;
    private final Map<LoraTask, Double> weights = new LinkedHashMap<>();

    LoraSum(BaseModel base, Map<TaskParameters, Double> weights) {
        this.base = base;
        weights.forEach(
                (task, weight) -> {
                    if (!(task instanceof LoraTask lora) || !Double.isFinite(weight)) {
                        throw new EngramException(
                                "A sum takes LoRA tasks with finite weights, not " + weight);
                    }
                    requirePairs(lora);
                    this.weights.put(lora, weight);
                });
        if (weights.isEmpty()) {
            throw new EngramException("A sum needs at least one task");
        }
    }

    private static void requirePairs(LoraTask task) {
        task.parts()
                .overlays()
                .forEach(
                        (path, overlay) -> {
                            if (!(overlay instanceof LowRankUpdate
                                    || overlay instanceof StackedUpdate)) {
                                throw new EngramException(
                                        "One of the tasks has %s over %s: a sum is exact for low-rank updates (lora, o-lora) alone, so leave that task out"
                                                .formatted(kind(overlay), path));
                            }
                        });
    }

    private static String kind(ParameterOverlay overlay) {
        return overlay instanceof DecomposedUpdate
                ? "a magnitude and a direction (dora)"
                : "factors (ia3)";
    }

    LoraTask task(LoraIsolation lora) {
        LoraParts parts = new LoraParts(owned());
        for (LoraTask task : weights.keySet()) {
            for (String path : task.parts().overlays().keySet()) {
                if (!parts.contains(path)) {
                    parts.add(base, path, joined(path), task.parts().layout(path));
                }
            }
        }
        LoraTask sum = lora.task(base, parts);
        CopySum copies = new CopySum(base, weights);
        sum.copies().forEach(path -> copies.into(sum, path));
        return sum;
    }

    private Set<String> owned() {
        Set<String> owned = new LinkedHashSet<>();
        weights.keySet().forEach(task -> owned.addAll(task.copies()));
        return owned;
    }

    /** A scale that all pairs have stays one, so that a task alone keeps its bits. */
    private LowRankUpdate joined(String path) {
        try (NDManager scope = base.manager().newSubManager()) {
            NDList downs = new NDList();
            NDList ups = new NDList();
            float common = commonScale(path);
            weights.forEach(
                    (task, weight) ->
                            pairs(
                                    task.overlay(path),
                                    (down, up, scale) -> {
                                        float factor =
                                                (float) (scale == common ? weight : weight * scale);
                                        downs.add(Detached.in(scope, down));
                                        ups.add(Detached.in(scope, up).mul(factor));
                                    }));
            return new LowRankUpdate(kept(downs, 0), kept(ups, 1), common, isStacked(path));
        }
    }

    private boolean isStacked(String path) {
        return weights.keySet().stream()
                .anyMatch(task -> task.overlay(path) instanceof StackedUpdate);
    }

    /** Returns the scale of all pairs over a weight, or 1 if they differ. */
    private float commonScale(String path) {
        Set<Float> scales = new LinkedHashSet<>();
        weights.keySet()
                .forEach(task -> pairs(task.overlay(path), (down, up, scale) -> scales.add(scale)));
        return scales.size() == 1 ? scales.iterator().next() : 1;
    }

    private static void pairs(@Nullable ParameterOverlay overlay, PairVisitor visitor) {
        if (overlay instanceof LowRankUpdate update) {
            visitor.pair(update.down().getArray(), update.up().getArray(), update.scale());
        } else if (overlay instanceof StackedUpdate stacked) {
            stacked.pairs(
                    (down, up) -> visitor.pair(down.getArray(), up.getArray(), stacked.scale()));
        }
    }

    private NDArray kept(NDList parts, int axis) {
        NDArray joined = parts.size() == 1 ? parts.head() : NDArrays.concat(parts, axis);
        NDArray copy = joined.duplicate();
        copy.attach(base.manager());
        return copy;
    }

    /** Sees each {@code s·B·A} of an overlay. */
    private interface PairVisitor {
        void pair(NDArray down, NDArray up, float scale);
    }
}
