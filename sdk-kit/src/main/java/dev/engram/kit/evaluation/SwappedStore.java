package dev.engram.kit.evaluation;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import dev.engram.api.Stable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The store of passes over other values than those that train. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class SwappedStore extends ParameterStore {

    private final ParameterStore under;
    private final Map<Parameter, NDArray> values;

    /**
     * Creates it.
     *
     * @param under answers what has no other value
     * @param values by parameter, by identity
     */
    public SwappedStore(ParameterStore under, Map<Parameter, NDArray> values) {
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
