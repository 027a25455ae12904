package dev.engram.djl;

import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.djl.internal.argument.Given;
import dev.engram.djl.internal.check.GraphOptimizer;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.history.TaskHistory;

/**
 * Takes in base models that were trained elsewhere.
 *
 * @param training what trains now, which must be nothing
 */
record BaseModels(
        Guards guards, TaskHistory history, ListenerOptions options, GuardedTraining training) {

    void learn(Model model, Dataset dataset, Loss loss) {
        Block block = Given.block(model, "remember");
        Given.require(dataset, "remember", "the data set", "samples of the old task");
        Given.require(loss, "remember", "the loss", "the one under which the model was trained");
        requireRememberable();
        GraphOptimizer.rest(block);
        new BaseTask(guards, history, model).learn(training::takeName, dataset, loss, options);
    }

    void anchor(Model model) {
        Given.block(model, "remember");
        requireRememberable();
        new BaseTask(guards, history, model).anchor(training::takeName);
    }

    private void requireRememberable() {
        if (training.session() != null) {
            throw new EngramException("Call remember(...) before training begins, not during it");
        }
        if (options.isolation().isPresent()) {
            throw new EngramException(
                    "A base under tasks with parameters of their own stays as it is, so there is"
                            + " nothing to remember: load it and train, or serve tasks(model)");
        }
    }
}
