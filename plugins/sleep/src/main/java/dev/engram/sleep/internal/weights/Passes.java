package dev.engram.sleep.internal.weights;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.evaluation.EvaluationBlocks;
import dev.engram.kit.evaluation.SwappedStore;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Runs a model in evaluation mode with other values than its own.
 *
 * <p>Blocks ask a store for their arrays, so that the model's stay as they are and others may run
 * it meanwhile. TorchScript asks nobody: there the values are in the model's own arrays for the
 * length of a pass.
 */
public final class Passes {

    private final Block evaluation;
    private final ModelWeights weights;
    private final Map<String, Parameter> parameters;

    /** Creates them for a model. */
    public Passes(Model model, ModelWeights weights) {
        this.evaluation = EvaluationBlocks.of(model.getBlock());
        this.weights = weights;
        this.parameters = weights.trained();
    }

    /** Returns the predictions with values that stand for themselves, recorded for autograd. */
    public NDList run(Map<String, NDArray> values, NDList inputs) {
        IdentityHashMap<Parameter, NDArray> answers = new IdentityHashMap<>();
        values.forEach(
                (name, value) -> {
                    Parameter parameter = parameters.get(name);
                    if (parameter != null) {
                        answers.put(parameter, value);
                    }
                });
        NDManager scope = inputs.head().getManager();
        // A recurrent block adds its begin states to the list that it is called with.
        ParameterStore store = new SwappedStore(new ParameterStore(scope, false), answers);
        return evaluation.forward(store, new NDList(inputs), false);
    }

    /** Returns the predictions with values, also where the model's own arrays must lend a place. */
    public NDList predict(Map<String, NDArray> values, NDList inputs) {
        Map<String, NDArray> lent = new LinkedHashMap<>(values);
        lent.keySet().removeIf(name -> !isOpaque(name));
        if (lent.isEmpty()) {
            return run(values, inputs);
        }
        try (NDManager kept = inputs.head().getManager().newSubManager()) {
            Map<String, NDArray> own = new LinkedHashMap<>();
            lent.keySet().forEach(name -> own.put(name, EngineMemory.copy(array(name), kept)));
            try {
                weights.set(lent);
                return run(values, inputs);
            } finally {
                weights.set(own);
            }
        }
    }

    /** Gives the arrays that had to lend a place their values again; no others were touched. */
    public void putBack(Map<String, NDArray> values) {
        Map<String, NDArray> lent = new LinkedHashMap<>(values);
        lent.keySet().removeIf(name -> !isOpaque(name));
        weights.set(lent);
    }

    /** Returns whether a parameter's values must be in the model's own array to be run. */
    boolean isOpaque(String name) {
        Parameter parameter = parameters.get(name);
        return parameter != null && weights.isOpaque(parameter);
    }

    /** Returns the model's own array of a parameter that trains. */
    NDArray array(String name) {
        Parameter parameter = parameters.get(name);
        if (parameter == null) {
            throw new IllegalStateException("no parameter " + name);
        }
        return parameter.getArray();
    }
}
