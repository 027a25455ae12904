package dev.engram.djl.internal.guards;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import dev.engram.api.guard.GuardedModel;
import dev.engram.djl.internal.model.EvaluatedModel;
import dev.engram.djl.internal.model.ModelParts;
import dev.engram.djl.internal.parameters.LiveParameters;
import dev.engram.kit.evaluation.EvaluationBlocks;
import org.jspecify.annotations.Nullable;

/**
 * A model and where its live arrays are, to be shown to guards.
 *
 * @param block the user's block
 * @param device the trainer's first
 * @param devices how many it has
 */
public record SeenModel(Block block, ParameterStore store, Device device, int devices) {

    /**
     * Returns it as a guard runs it in one call. Its twin is made anew each time: a training pass
     * in between puts a TorchScript block back into training mode.
     *
     * @param scope owns what passes compute; without one the inputs' manager does
     */
    public GuardedModel in(@Nullable NDManager scope) {
        return new EvaluatedModel(
                new ModelParts(
                        block,
                        EvaluationBlocks.of(block),
                        LiveParameters.ofTorchScript(block),
                        store,
                        device,
                        devices),
                scope);
    }

    /** Returns it for a call without a scope of its own. */
    public GuardedModel shown() {
        return in(null);
    }
}
