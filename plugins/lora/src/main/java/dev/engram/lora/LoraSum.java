package dev.engram.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.djl.isolation.CopySum;
import dev.engram.djl.isolation.Detached;
import dev.engram.djl.isolation.ParameterOverlay;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weighted sum of tasks: {@code W + s·Σ wᵢ BᵢAᵢ}, exactly, as one pair of the ranks' sum; of
 * parameters that each task has as a whole, {@code W + Σ wᵢ (Wᵢ - W)}.
 */
final class LoraSum {

    /** Makes a task of overlays and of the paths of what it owns. */
    interface Maker {
        LoraTask make(BaseModel base, Map<String, ParameterOverlay> overlays, List<String> owned);
    }

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
                    this.weights.put(lora, weight);
                });
        if (weights.isEmpty()) {
            throw new EngramException("A sum needs at least one task");
        }
    }

    LoraTask task(Maker maker) {
        LoraTask first = weights.keySet().iterator().next();
        Map<String, ParameterOverlay> overlays = new LinkedHashMap<>();
        List<String> owned = new ArrayList<>();
        for (Pair<String, Parameter> own : first.parameters()) {
            String path = own.getKey().substring(0, own.getKey().lastIndexOf('/'));
            if (first.overlay(path) instanceof LowRankUpdate) {
                overlays.computeIfAbsent(path, this::joined);
            } else {
                owned.add(path);
            }
        }
        LoraTask sum = maker.make(base, overlays, owned);
        CopySum copies = new CopySum(base, weights);
        owned.forEach(path -> copies.into(sum, path));
        return sum;
    }

    private LowRankUpdate joined(String path) {
        try (NDManager scope = base.manager().newSubManager()) {
            NDList downs = new NDList();
            NDList ups = new NDList();
            float scale = 0;
            for (Map.Entry<LoraTask, Double> task : weights.entrySet()) {
                if (!(task.getKey().overlay(path) instanceof LowRankUpdate pair)) {
                    throw new EngramException(
                            "One of the tasks has no update of " + path + ", which another has");
                }
                scale = pair.scale();
                downs.add(Detached.in(scope, pair.down()));
                ups.add(Detached.in(scope, pair.up()).mul(task.getValue().floatValue()));
            }
            return new LowRankUpdate(kept(downs, 0), kept(ups, 1), scale, 0);
        }
    }

    private NDArray kept(NDList parts, int axis) {
        NDArray joined = parts.size() == 1 ? parts.head() : NDArrays.concat(parts, axis);
        NDArray copy = joined.duplicate();
        copy.attach(base.manager());
        return copy;
    }
}
