package dev.engram.api.guard;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import java.util.Map;

/**
 * The model that a guard protects, to be run by the guard: in evaluation mode, with its values as
 * they stand, or with others that were copied earlier.
 *
 * <p>No pass changes BatchNorm statistics, dropout's state or values that train. A pass is recorded
 * for autograd if a gradient collector is open; with other values nothing is recorded, because they
 * require no gradient. What is computed belongs to the manager of the inputs, or, at a step, to
 * {@link StepView#scratch}: there the inputs are cut off from autograd.
 *
 * <p>It is valid for the length of the call that gave it.
 */
@Stable(since = "0.1", implementedBy = "Engram")
public interface GuardedModel {

    /**
     * Returns the block whose structure and parameters' names these are: the user's, whatever was
     * put before it. To be read, such as for where a layer has its inputs; passes run through
     * {@link #predict}.
     *
     * @throws EngramException if this model shows none
     */
    default Block block() {
        throw new EngramException("This model shows no block: %s".formatted(getClass().getName()));
    }

    /** Returns the predictions for a batch of inputs on the training device. */
    NDList predict(NDList inputs);

    /**
     * Returns what the last layer sees of a batch of inputs; where the model's structure shows no
     * last layer, the first prediction.
     */
    NDArray features(NDList inputs);

    /**
     * Returns the model with other values: the blocks run as they are, and nothing but the values
     * is there twice. Parameters that are not among them have the values that they have.
     *
     * @param values by path name, as {@link #copy} returned them; an entry of a parameter that the
     *     model has no longer is passed over
     */
    GuardedModel with(Map<String, NDArray> values);

    /**
     * Returns all that the outputs depend on as it stands, cut off from autograd and not copied:
     * parameters, frozen ones too, and running statistics. To be read, not written; what {@link
     * TrainingView#parameters} lacks is seen here.
     *
     * @param owner the handles' manager, to be closed before the next step
     * @return by path name, in the model's order
     */
    Map<String, NDArray> values(NDManager owner);

    /**
     * Copies all that the outputs depend on: parameters, frozen ones too, and running statistics.
     * Not those of a base over which a task has parameters of its own; they stay as they are.
     *
     * @param owner the copies' manager, such as the guard's own
     * @return by path name, in the model's order
     */
    Map<String, NDArray> copy(NDManager owner);

    /**
     * Writes values into the model, on all devices; only at the end of a task. Gradients and the
     * optimizer's state stay.
     *
     * @param values by path name, of the parameters' shapes; those of other parameters stay
     */
    void set(Map<String, NDArray> values);
}
