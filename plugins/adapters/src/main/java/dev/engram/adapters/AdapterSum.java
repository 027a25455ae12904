package dev.engram.adapters;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The weighted sum of what several tasks' adapters add, as adapters with a wider bottleneck.
 *
 * <p>With the down-projections one below the other and the weighted up-projections side by side the
 * sum is exact at each place, whatever the activation. Gates are multiplied into the
 * up-projections, but a task alone keeps its own: its outputs must stay the same bit for bit.
 */
final class AdapterSum implements AdapterInsertion.Source {

    private final Map<TaskAdapters, Double> weights;
    private final AdapterDesign design;
    private final NewParameters parameters;

    AdapterSum(Map<TaskAdapters, Double> weights, AdapterDesign design, NewParameters parameters) {
        this.weights = new LinkedHashMap<>(weights);
        this.design = design;
        this.parameters = parameters;
    }

    @Override
    public Adapter adapter(String place, long width) {
        NDList down = new NDList();
        NDList downBias = new NDList();
        NDList up = new NDList();
        NDList upBias = new NDList();
        weights.forEach(
                (task, weight) -> {
                    Adapter part = task.at(place);
                    down.add(copy(part.down(), 1));
                    downBias.add(copy(part.downBias(), 1));
                    up.add(gated(part, copy(part.up(), weight)));
                    upBias.add(gated(part, copy(part.upBias(), weight)));
                });
        return new Adapter(
                design,
                parameters.of(place + "_down_weight", joined(down, 0)),
                parameters.of(place + "_down_bias", joined(downBias, 0)),
                parameters.of(place + "_up_weight", joined(up, 1)),
                parameters.of(
                        place + "_up_bias", upBias.stream().reduce(NDArray::add).orElseThrow()),
                gate(place));
    }

    /** Returns an array of the new parameters' manager. */
    private NDArray copy(Parameter parameter, double factor) {
        NDArray array = parameter.getArray().stopGradient();
        array.attach(parameters.manager());
        return array.mul(factor);
    }

    private NDArray gated(Adapter part, NDArray array) {
        Parameter gate = part.gate();
        return gate == null || weights.size() == 1 ? array : array.mul(copy(gate, 1));
    }

    private @Nullable Parameter gate(String place) {
        Adapter first = weights.keySet().iterator().next().at(place);
        Parameter gate = first.gate();
        return gate == null || weights.size() > 1
                ? null
                : parameters.of(place + "_gate", copy(gate, 1));
    }

    private static NDArray joined(NDList arrays, int axis) {
        return arrays.size() == 1 ? arrays.head() : NDArrays.concat(arrays, axis);
    }
}
