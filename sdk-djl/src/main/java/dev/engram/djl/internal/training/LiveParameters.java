package dev.engram.djl.internal.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.guard.LiveParameter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Finds the trainable parameters of a block as they stand on the training device. */
public final class LiveParameters {

    private LiveParameters() {}

    /**
     * Returns the trainable parameters in the block's order, each once even if it has several
     * paths.
     *
     * @throws EngramException if one is of a type that cannot be guarded, naming them all
     */
    public static List<LiveParameter> of(Block block, ParameterStore store, Device device) {
        Set<Parameter> known = Collections.newSetFromMap(new IdentityHashMap<>());
        List<LiveParameter> live = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            Parameter parameter = entry.getValue();
            if (!parameter.requiresGradient() || !known.add(parameter)) {
                continue;
            }
            NDArray array = store.getValue(parameter, device, true);
            if (array.getDataType() != DataType.FLOAT32
                    && array.getDataType() != DataType.FLOAT64) {
                refused.add(entry.getKey() + " (" + array.getDataType() + ")");
            }
            live.add(new Live(entry.getKey(), parameter, array, array.stopGradient()));
        }
        if (!refused.isEmpty()) {
            throw new EngramException(
                    "These trainable parameters are neither float32 nor float64: "
                            + String.join(", ", refused)
                            + ". Freeze them, or load the model as float32.");
        }
        return Collections.unmodifiableList(live);
    }

    /** Gives the detached handles back; the parameters stay. */
    public static void release(List<LiveParameter> parameters) {
        parameters.forEach(parameter -> parameter.value().close());
    }

    private record Live(String name, Parameter parameter, NDArray array, NDArray value)
            implements LiveParameter {

        @Override
        public NDArray gradient() {
            return array.getGradient();
        }
    }
}
