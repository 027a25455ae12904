package dev.engram.kit.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Stable;
import dev.engram.api.guard.GuardedModel;
import java.util.function.Supplier;

/**
 * A term of the loss that a guard adds for a batch: what {@link JoinedTerm} computes where it is
 * cheapest. This type grows by default methods only.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface LossTerm {

    /**
     * Returns the term.
     *
     * <p>It may be computed while the loop's collector is open, so that nothing here may open one.
     * What takes part in autograd must not come from Java's memory: multiply by a number with
     * {@link dev.engram.kit.autograd.Scaled}.
     *
     * @param model the model in evaluation mode, for passes with other values
     * @param inputs a batch of inputs, cut off from autograd
     * @param predictions gives the model's for them, within autograd: the loop's own in training
     *     mode, or those of a pass in evaluation mode. Passes with other values come before it is
     *     asked: a TorchScript block's arrays must not change once they take part in autograd
     * @param scratch owns what is made here; closed when the backward pass is over
     * @return a scalar in the units of the mean loss of a batch
     */
    NDArray of(GuardedModel model, NDList inputs, Supplier<NDList> predictions, NDManager scratch);
}
