package dev.engram.adapters;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import dev.engram.api.Experimental;

/** The function between an adapter's two projections. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum AdapterActivation {
    /** The rectifier. */
    RELU {
        @Override
        NDArray apply(NDArray hidden) {
            return Activation.relu(hidden);
        }
    },

    /** The Gaussian error linear unit. */
    GELU {
        @Override
        NDArray apply(NDArray hidden) {
            return Activation.gelu(hidden);
        }
    };

    abstract NDArray apply(NDArray hidden);
}
