package dev.engram.analytic.internal.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import dev.engram.analytic.internal.closedform.SolvedHead;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.kit.autograd.EngineMemory;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arrays of a model's last linear layer, where it trains.
 *
 * @param weight a row a class
 * @param bias one number a class, null without one
 */
public record HeadParameters(NDArray weight, @Nullable NDArray bias) {

    /** Finds those of a model that was split. */
    public static HeadParameters of(List<LiveParameter> live, ModelSplit split) {
        Parameter bias = split.hasBias() ? split.head().getDirectParameters().get("bias") : null;
        NDArray weight = find(live, split.weight());
        return new HeadParameters(
                weight == null ? split.weight().getArray() : weight,
                bias == null ? null : find(live, bias));
    }

    private static @Nullable NDArray find(List<LiveParameter> live, Parameter wanted) {
        return live.stream()
                .filter(one -> one.parameter() == wanted)
                .map(LiveParameter::value)
                .findFirst()
                .orElse(null);
    }

    /** Finds the last ones in a model's order that can be a linear layer's. */
    public static HeadParameters last(List<LiveParameter> live, String wants) {
        List<LiveParameter> layer = lastLayer(live, wants);
        return new HeadParameters(
                layer.get(0).value(), layer.size() == 1 ? null : layer.get(1).value());
    }

    /** Returns all that a model's outputs depend on before {@link #last}, in the model's order. */
    public static Collection<NDArray> baseOf(FinishedTask task, String wants) {
        Map<String, NDArray> values = new LinkedHashMap<>(task.model().values(task.scratch()));
        lastLayer(task.parameters(), wants).forEach(one -> values.remove(one.name()));
        return values.values();
    }

    private static List<LiveParameter> lastLayer(List<LiveParameter> live, String wants) {
        for (int i = live.size() - 1; i >= 0; i--) {
            LiveParameter one = live.get(i);
            if (one.parameter().getType() == Parameter.Type.WEIGHT
                    && one.value().getShape().dimension() == 2) {
                boolean hasBias =
                        i + 1 < live.size()
                                && live.get(i + 1).parameter().getType() == Parameter.Type.BIAS;
                return live.subList(i, hasBias ? i + 2 : i + 1);
            }
        }
        throw new EngramException(wants + " solves a linear layer, and this model shows none");
    }

    public boolean hasBias() {
        return bias != null;
    }

    public int outputs() {
        return (int) weight.getShape().get(0);
    }

    public int features() {
        return (int) weight.getShape().get(1);
    }

    /** Returns whether the layer can be given some features. */
    public boolean takes(NDArray seen) {
        int dimensions = seen.getShape().dimension();
        return dimensions > 0 && seen.getShape().get(dimensions - 1) == features();
    }

    /** Overwrites the layer. */
    public void set(SolvedHead head, NDManager manager) {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray weights = head.weightOf(outputs(), scratch);
            EngineMemory.write(weights.toType(weight.getDataType(), false), weight);
            if (bias != null) {
                NDArray biases = head.biasOf(outputs(), scratch);
                EngineMemory.write(biases.toType(bias.getDataType(), false), bias);
            }
        }
    }
}
