package dev.engram.adapters;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import dev.engram.kit.overlay.Detached;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
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
        NDArray down = joined(each(place, (part, weight) -> copy(part.down(), 1)), 0);
        NDArray downBias = joined(each(place, (part, weight) -> copy(part.downBias(), 1)), 0);
        NDArray up = joined(each(place, (part, weight) -> gated(part, part.up(), weight)), 1);
        NDList upBiases = each(place, (part, weight) -> gated(part, part.upBias(), weight));
        return new Adapter(
                design,
                parameters.of(place + "_down_weight", down),
                parameters.of(place + "_down_bias", downBias),
                parameters.of(place + "_up_weight", up),
                parameters.of(
                        place + "_up_bias", upBiases.stream().reduce(NDArray::add).orElseThrow()),
                gate(place));
    }

    private NDList each(String place, BiFunction<Adapter, Double, NDArray> array) {
        NDList arrays = new NDList();
        weights.forEach((task, weight) -> arrays.add(array.apply(task.at(place), weight)));
        return arrays;
    }

    /** Returns an array of the new parameters' manager. */
    private NDArray copy(Parameter parameter, double factor) {
        return Detached.in(parameters.arrays().manager(), parameter).mul(factor);
    }

    private NDArray gated(Adapter part, Parameter parameter, double weight) {
        NDArray array = copy(parameter, weight);
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
