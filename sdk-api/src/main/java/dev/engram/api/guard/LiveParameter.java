package dev.engram.api.guard;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import dev.engram.api.Stable;

/** A trainable parameter as it stands on the training device. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface LiveParameter {

    /**
     * Returns the path name within the model's block; unlike DJL's id it lasts across processes.
     */
    String name();

    /** Returns DJL's parameter. */
    Parameter parameter();

    /**
     * Returns the values that the next forward pass reads, cut off from autograd.
     *
     * <p>It shares its memory with the parameter on the trainer's first device: the optimizer's
     * updates show in it. The caller must not close it.
     */
    NDArray value();

    /**
     * Returns the gradient on the trainer's first device, to be read or edited in place.
     *
     * <p>DJL adds up the gradients of all devices at the step, so an edit here counts once. The
     * caller must close the returned handle; that leaves the gradient itself alone.
     */
    NDArray gradient();
}
