package dev.engram.djl;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.ParameterList;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.api.EngramException;
import dev.engram.api.spi.Need;
import dev.engram.api.spi.Role;
import dev.engram.djl.internal.check.TrainerListeners;
import dev.engram.djl.internal.gradient.FiniteCheck;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.loss.JoinObstacle;
import dev.engram.kit.evaluation.EvaluationBlocks;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must hold before a training is guarded, and is found out before its first step.
 *
 * @param guards what guards it
 * @param options what the listener was built with
 */
record Preflight(Guards guards, ListenerOptions options) {

    private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);

    void listeners(TrainerListeners others) {
        if (others.hasOwnTwice()) {
            throw new EngramException(
                    "This listener stands in the TrainingConfig twice: every step would be guarded"
                            + " twice. Add it once");
        }
    }

    void block(Block block) {
        if (options.needs().contains(Need.BLOCK_ACCESS)
                && EvaluationBlocks.holdsTorchScript(block)) {
            throw new EngramException(
                    "A strategy on this listener needs access to every block, but the model holds a"
                            + " TorchScript block, which gives none");
        }
    }

    /**
     * The gradients of a TorchScript block reach a task's own parameters only after all guards have
     * edited theirs: a guard that compares those of its own passes would see zeros.
     */
    void gradients(Block block) {
        List<String> comparing = guards.playing(Role.PROJECTION);
        if (options.isolation().isPresent()
                && !comparing.isEmpty()
                && EvaluationBlocks.holdsTorchScript(block)) {
            throw new EngramException(
                    "%s compares gradients, but over a TorchScript block the parameters of a task get theirs only after all guards: it would protect nothing. Take \"er\", or load the model as blocks of DJL or as ONNX."
                            .formatted(comparing));
        }
    }

    /** Says where guards' terms cannot join the loop's loss; refuses those that then do nothing. */
    void loss(Trainer trainer) {
        JoinObstacle.say(trainer, guards, options.isolation().isPresent());
    }

    void samples(BatchData first) {
        List<String> needing = guards.needingSamples();
        if (first.getBatch() == null && !needing.isEmpty()) {
            throw new EngramException(
                    "This loop shows its listeners no samples (a BatchData without Batch, as DJL's QAgent notifies), and %s cannot do without: take \"si\" or \"rwalk\", which look at weights and gradients alone, or notify with the Batch"
                            .formatted(needing));
        }
    }

    /** Weights that are not finite teach nothing, and whatever is blamed later is innocent. */
    void weights(Block block, NDManager manager) {
        ParameterList parameters = block.getParameters();
        List<String> wild =
                FiniteCheck.notFinite(block, manager).stream()
                        .filter(name -> parameters.get(name).requiresGradient())
                        .toList();
        if (!wild.isEmpty()) {
            throw new EngramException(
                    "The model's weights are not finite (NaN or infinite) before its first step, in %s of its parameters, such as %s: load good ones. Nothing was trained."
                            .formatted(wild.size(), wild.get(0)));
        }
    }

    /**
     * Says what a listener writes that saves the model while tasks have parameters of their own.
     */
    void saved(TrainerListeners others) {
        if (others.savesModels()) {
            LOG.warn(
                    "SaveModelTrainingListener saves the base alone, without the task that trains"
                        + " over it: what it writes answers as the model did before. Tasks are kept"
                        + " in the memory directory (optMemory), and served by"
                        + " listener.tasks(model)");
        }
    }
}
