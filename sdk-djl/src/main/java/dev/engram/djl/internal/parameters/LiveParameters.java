package dev.engram.djl.internal.parameters;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.guard.LiveParameter;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import dev.engram.kit.evaluation.EvaluationBlocks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** Finds the parameters of a block as they stand on the training device. */
public final class LiveParameters {

    static final Set<Parameter.Type> STATISTICS =
            Set.of(Parameter.Type.RUNNING_MEAN, Parameter.Type.RUNNING_VAR);

    private LiveParameters() {}

    /**
     * Returns the trainable parameters in the block's order, each once even if it has several
     * paths.
     *
     * @throws EngramException if one is of a type that cannot be guarded, naming them all
     */
    public static List<LiveParameter> of(Block block, ParameterStore store, Device device) {
        List<LiveParameter> live = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (Pair<String, Parameter> entry : distinct(block)) {
            if (entry.getValue().requiresGradient()) {
                LiveParameter found = live(entry, store, device);
                if (!isGuardable(found.value())) {
                    refused.add(entry.getKey() + " (" + found.value().getDataType() + ")");
                }
                live.add(found);
            }
        }
        if (!refused.isEmpty()) {
            throw new EngramException(
                    "These trainable parameters are neither float32 nor float64: "
                            + String.join(", ", refused)
                            + ". Freeze them, or load the model as float32.");
        }
        return Collections.unmodifiableList(live);
    }

    /**
     * Returns the trainable parameters and those that are frozen now and may be thawed for another
     * task, all in the block's order. A base under parameters of a task's own is not among them,
     * nor what TorchScript froze.
     */
    public static List<LiveParameter> withFrozen(Block block, ParameterStore store, Device device) {
        List<LiveParameter> trained = of(block, store, device);
        if (block instanceof IsolatedBlock isolated && isolated.trains()) {
            return trained;
        }
        List<LiveParameter> live = new ArrayList<>();
        Iterator<LiveParameter> next = trained.iterator();
        Set<Parameter> opaque = ofTorchScript(block);
        for (Pair<String, Parameter> entry : distinct(block)) {
            Parameter parameter = entry.getValue();
            if (parameter.requiresGradient()) {
                live.add(next.next());
            } else if (!STATISTICS.contains(parameter.getType()) && !opaque.contains(parameter)) {
                LiveParameter frozen = live(entry, store, device);
                if (isGuardable(frozen.value())) {
                    live.add(frozen);
                } else {
                    frozen.value().close();
                }
            }
        }
        return Collections.unmodifiableList(live);
    }

    /** Gives the detached handles back; the parameters stay. */
    public static void release(List<LiveParameter> parameters) {
        parameters.forEach(parameter -> parameter.value().close());
    }

    public static List<Pair<String, Parameter>> distinct(Block block) {
        Set<Parameter> known = identitySet();
        List<Pair<String, Parameter>> distinct = new ArrayList<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            if (known.add(entry.getValue())) {
                distinct.add(entry);
            }
        }
        return distinct;
    }

    public static LiveParameter live(
            Pair<String, Parameter> entry, ParameterStore store, Device device) {
        NDArray array = store.getValue(entry.getValue(), device, true);
        return new Live(entry.getKey(), entry.getValue(), array, array.stopGradient());
    }

    private static boolean isGuardable(NDArray array) {
        return array.getDataType() == DataType.FLOAT32 || array.getDataType() == DataType.FLOAT64;
    }

    /** Returns the parameters of TorchScript blocks, which never ask a store. */
    public static Set<Parameter> ofTorchScript(Block block) {
        Set<Parameter> found = identitySet();
        if (EvaluationBlocks.isTorchScript(block)) {
            found.addAll(block.getParameters().values());
        }
        block.getChildren().values().forEach(child -> found.addAll(ofTorchScript(child)));
        return found;
    }

    private static Set<Parameter> identitySet() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    /** A parameter whose gradient is a zero that nobody reads while it is frozen. */
    public record Live(String name, Parameter parameter, NDArray array, NDArray value)
            implements LiveParameter {

        @Override
        public NDArray gradient() {
            return array.hasGradient() ? array.getGradient() : value.zerosLike();
        }
    }
}
