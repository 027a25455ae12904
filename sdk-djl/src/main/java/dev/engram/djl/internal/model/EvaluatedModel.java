package dev.engram.djl.internal.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import dev.engram.api.EngramException;
import dev.engram.api.guard.GuardedModel;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.evaluation.SwappedStore;
import dev.engram.kit.evaluation.TwinnedBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A model in evaluation mode, over the arrays that a training updates or over others. */
public final class EvaluatedModel implements GuardedModel {

    private final ModelParts parts;
    private final Map<String, NDArray> values;
    private final @Nullable NDManager scope;

    /**
     * Creates it with the values that train.
     *
     * @param scope owns what passes compute; without one the inputs' manager does
     */
    public EvaluatedModel(ModelParts parts, @Nullable NDManager scope) {
        this(parts, Map.of(), scope);
    }

    private EvaluatedModel(
            ModelParts parts, Map<String, NDArray> values, @Nullable NDManager scope) {
        this.parts = parts;
        this.values = values;
        this.scope = scope;
    }

    @Override
    public Block block() {
        Block shown = parts.block();
        while (shown instanceof TwinnedBlock before) {
            shown = before.base();
        }
        return shown;
    }

    @Override
    public NDList predict(NDList inputs) {
        return run(inputs, (store, given) -> Layers.through(parts.evaluation(), store, given));
    }

    @Override
    public NDArray features(NDList inputs) {
        List<Block> layers = Layers.beforeLast(parts.evaluation());
        return layers.isEmpty()
                ? predict(inputs).head()
                : run(inputs, (store, given) -> Layers.through(layers, store, given)).head();
    }

    @Override
    public GuardedModel with(Map<String, NDArray> others) {
        return new EvaluatedModel(parts, Map.copyOf(others), scope);
    }

    @Override
    public Map<String, NDArray> values(NDManager owner) {
        Map<String, NDArray> handles = new LinkedHashMap<>();
        parts.parameters()
                .forEach(
                        (name, parameter) -> {
                            NDArray handle = parts.array(parameter).stopGradient();
                            handle.attach(owner);
                            handles.put(name, handle);
                        });
        return handles;
    }

    @Override
    public Map<String, NDArray> copy(NDManager owner) {
        Map<String, NDArray> copies = new LinkedHashMap<>();
        parts.parameters()
                .forEach(
                        (name, parameter) ->
                                copies.put(name, EngineMemory.copy(parts.array(parameter), owner)));
        return copies;
    }

    @Override
    public void set(Map<String, NDArray> wanted) {
        parts.requireOneDevice();
        Map<String, Parameter> own = parts.parameters();
        wanted.forEach((name, value) -> requireFits(name, value, own.get(name)));
        wanted.forEach(
                (name, value) -> {
                    Parameter parameter = own.get(name);
                    if (parameter != null) {
                        ParameterArrays.into(parts.array(parameter), value);
                    }
                });
    }

    private void requireFits(String name, NDArray value, @Nullable Parameter parameter) {
        if (parameter == null || !parts.array(parameter).getShape().equals(value.getShape())) {
            throw new EngramException(
                    "Values of %s for \"%s\", where the model has %s"
                            .formatted(
                                    value.getShape(),
                                    name,
                                    parameter == null ? "none" : parts.array(parameter)));
        }
    }

    private NDList run(NDList inputs, Pass pass) {
        NDList given = scope == null ? new NDList(inputs) : handles(inputs, scope);
        if (values.isEmpty()) {
            return pass.run(parts.store(), given);
        }
        Map<Parameter, NDArray> swapped = parts.byParameter(values);
        ParameterStore store = new SwappedStore(parts.store(), swapped);
        Supplier<NDList> work = () -> pass.run(store, given);
        Map<Parameter, NDArray> opaque = parts.opaqueOf(swapped);
        return opaque.isEmpty() ? work.get() : ParameterArrays.during(opaque, parts::array, work);
    }

    private static NDList handles(NDList inputs, NDManager owner) {
        NDList handles = new NDList();
        for (NDArray input : inputs) {
            NDArray handle = input.stopGradient();
            handle.setName(input.getName());
            handle.attach(owner);
            handles.add(handle);
        }
        return handles;
    }

    /** One pass over a store's values. */
    private interface Pass {

        NDList run(ParameterStore store, NDList given);
    }
}
