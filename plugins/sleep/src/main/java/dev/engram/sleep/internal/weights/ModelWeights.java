package dev.engram.sleep.internal.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.evaluation.EvaluationBlocks;
import dev.engram.kit.files.Sha256;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The weights of a block as they are: which there are, which of them train, and their values. */
public final class ModelWeights {

    private final Map<String, Parameter> all = new LinkedHashMap<>();
    private final Set<Parameter> opaque = identitySet();

    /** Looks at a block, whose parameters have values. */
    public ModelWeights(Block block) {
        Set<Parameter> known = identitySet();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            if (entry.getValue().isInitialized() && known.add(entry.getValue())) {
                all.put(entry.getKey(), entry.getValue());
            }
        }
        addOpaque(block);
    }

    private static Set<Parameter> identitySet() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    private void addOpaque(Block block) {
        if (EvaluationBlocks.isTorchScript(block)) {
            opaque.addAll(block.getParameters().values());
        }
        block.getChildren().values().forEach(this::addOpaque);
    }

    /** Returns the parameters that train, by path name. */
    public Map<String, Parameter> trained() {
        Map<String, Parameter> trained = new LinkedHashMap<>(all);
        trained.values().removeIf(one -> !one.requiresGradient() || !isReal(one));
        return trained;
    }

    private static boolean isReal(Parameter parameter) {
        DataType type = parameter.getArray().getDataType();
        return type == DataType.FLOAT32 || type == DataType.FLOAT64;
    }

    /** Returns whether a parameter is one of those that no block asks a store for. */
    public boolean isOpaque(Parameter parameter) {
        return opaque.contains(parameter);
    }

    /** Copies the values of the parameters that train. */
    public Map<String, NDArray> copy(NDManager owner) {
        Map<String, NDArray> copies = new LinkedHashMap<>();
        trained()
                .forEach(
                        (name, parameter) ->
                                copies.put(name, EngineMemory.copy(parameter.getArray(), owner)));
        return copies;
    }

    /** Returns whether values are for just the parameters that train, in their shapes. */
    public boolean fit(Map<String, NDArray> values) {
        Map<String, Shape> wanted = new LinkedHashMap<>();
        trained().forEach((name, one) -> wanted.put(name, one.getArray().getShape()));
        Map<String, Shape> found = new LinkedHashMap<>();
        values.forEach((name, value) -> found.put(name, value.getShape()));
        return wanted.equals(found);
    }

    /** Writes values into the arrays that the model has, which stay leaves of autograd. */
    public void set(Map<String, NDArray> values) {
        values.forEach(
                (name, value) -> {
                    Parameter parameter = all.get(name);
                    if (parameter == null) {
                        throw new IllegalStateException("no parameter " + name);
                    }
                    write(value, parameter.getArray());
                });
    }

    static void write(NDArray value, NDArray into) {
        try (NDArray handle = into.stopGradient()) {
            EngineMemory.write(value, handle);
        }
    }

    /** Returns the SHA-256 of all values, also of those that do not train. */
    public String sum() {
        Sha256 sum = Sha256.begin();
        all.forEach(
                (name, parameter) -> {
                    try (NDArray value = parameter.getArray().stopGradient()) {
                        sum.put(name).put(value.toByteBuffer());
                    }
                });
        return sum.hex();
    }
}
