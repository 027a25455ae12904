package dev.engram.gradientprojection;

import dev.engram.api.Stable;

/** Where it is known from what a task feeds into a layer. */
@Stable(since = "0.1", implementedBy = "nobody")
public enum InputsFrom {
    /** Activations, where the model's structure shows the layer; gradients elsewhere. */
    AUTO,

    /** Gradients of the outputs with random signs, for all layers. */
    GRADIENTS
}
