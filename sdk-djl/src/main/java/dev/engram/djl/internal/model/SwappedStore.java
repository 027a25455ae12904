package dev.engram.djl.internal.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The store of passes over other values than those that train. */
final class SwappedStore extends ParameterStore {

    private final ParameterStore under;
    private final Map<Parameter, NDArray> values;

    /**
     * Creates it.
     *
     * @param values by parameter, by identity
     */
    SwappedStore(ParameterStore under, Map<Parameter, NDArray> values) {
        super(under.getManager(), false);
        this.under = under;
        this.values = values;
    }

    @Override
    public NDArray getValue(@Nullable Parameter parameter, Device device, boolean training) {
        NDArray value = parameter == null ? null : values.get(parameter);
        return value == null ? under.getValue(parameter, device, training) : value;
    }
}
