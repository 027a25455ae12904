package dev.engram.kit.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import dev.engram.api.Stable;
import org.jspecify.annotations.Nullable;

/**
 * Vectors in front of the embeddings of a sequence, which all later layers see as positions of
 * their own, and which are cut off again after the last layer; see {@link FrontPositions}.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface EmbeddingPrefix {

    /** Returns how many vectors each sequence gets, always the same number. */
    long positions();

    /**
     * Returns the vectors, of shape (batch, positions, width).
     *
     * <p>They must belong to the embeddings' manager, or they outlive the pass: what an operation
     * returns belongs to the manager of its first operand, so that operand must not be a parameter.
     *
     * @param store to be asked for the arrays of parameters
     * @param embeddings (batch, sequence, width)
     * @param visible (batch, sequence), of any type: one for what is seen, zero for padding; null
     *     if nothing is masked
     * @param training whether the pass trains
     */
    NDArray vectors(
            ParameterStore store, NDArray embeddings, @Nullable NDArray visible, boolean training);
}
