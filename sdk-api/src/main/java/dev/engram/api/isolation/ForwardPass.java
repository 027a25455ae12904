package dev.engram.api.isolation;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import dev.engram.api.Stable;

/**
 * One forward pass that someone asked a model for, on the thread that asked.
 *
 * <p>Whatever is computed for it belongs to the manager of its first input, as DJL's own
 * activations do, and is freed with it.
 */
@Stable(since = "0.1", implementedBy = "Engram")
public interface ForwardPass {

    /** Returns the store that knows where the arrays of parameters are. */
    ParameterStore store();

    /** Returns the model's inputs. */
    NDList inputs();

    /** Returns whether the pass trains. */
    boolean training();

    /**
     * Runs a block as the caller would have: with the same labels and options, if there were any.
     *
     * @param block the base, or another block with the same outputs
     * @param store {@link #store}, or one that answers other values
     * @param inputs {@link #inputs}, or others
     */
    NDList through(Block block, ParameterStore store, NDList inputs);
}
