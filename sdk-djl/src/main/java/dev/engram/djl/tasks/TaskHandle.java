package dev.engram.djl.tasks;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.translate.Translator;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import dev.engram.djl.internal.argument.Given;
import dev.engram.djl.internal.isolation.IsolatedBlock;

/**
 * One task of a registry, for as many requests as you like, on as many threads as you like.
 *
 * <p>It does not depend on which task is active, and takes no lock, unless the model is one that
 * never asks for its parameters (TorchScript): there passes of different tasks wait for each other.
 * After its task is unloaded, running passes end as they began and new ones are refused.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class TaskHandle {

    private final String task;
    private final Model model;
    private final IsolatedBlock block;

    TaskHandle(String task, Model model, IsolatedBlock block) {
        this.task = task;
        this.model = model;
        this.block = block;
    }

    /** Returns the task's name; empty for the base. */
    public String task() {
        return task;
    }

    /** Returns the model's block as the task has it, for those who run blocks themselves. */
    public Block block() {
        return block;
    }

    /**
     * Computes the model's outputs in evaluation mode; they belong to the inputs' manager.
     *
     * @param inputs on the model's device
     */
    public NDList predict(NDList inputs) {
        if (inputs == null || inputs.isEmpty()) {
            throw new EngramException(
                    "predict(...): there are no inputs; give a batch of samples, on the model's"
                            + " device");
        }
        ParameterStore store = new ParameterStore(inputs.head().getManager(), false);
        return block.forward(store, new NDList(inputs), false);
    }

    /** Returns a predictor for the task; like any of DJL's it is for one thread. */
    public <I, O> Predictor<I, O> newPredictor(Translator<I, O> translator) {
        return new TaskPredictor<>(
                model, Given.require(translator, "newPredictor", "new NoopTranslator()"), block);
    }

    private static final class TaskPredictor<I, O> extends Predictor<I, O> {

        TaskPredictor(Model model, Translator<I, O> translator, Block task) {
            super(model, translator, model.getNDManager().getDevice(), false);
            block = task;
        }
    }
}
