package dev.engram.prompttuning.internal.parts;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.util.PairList;
import dev.engram.kit.overlay.PassValues;
import org.jspecify.annotations.Nullable;

/** Trained vectors, or what a small network, trained with them, makes of them. */
public record Vectors(Parameter raw, @Nullable Network network) implements Part {

    @Override
    public PairList<String, Parameter> parameters() {
        PairList<String, Parameter> all = new PairList<>();
        all.add("vectors", raw);
        if (network != null) {
            all.add("down_weight", network.down());
            all.add("down_bias", network.downBias());
            all.add("up_weight", network.up());
            all.add("up_bias", network.upBias());
        }
        return all;
    }

    /** Returns what the model sees in a pass, (vectors, width). */
    public NDArray in(PassValues pass) {
        NDArray vectors = pass.of(raw);
        return network == null ? vectors : network.of(vectors, pass);
    }

    /** Returns the same for each sample of a batch, (batch, vectors, width). */
    public NDArray in(PassValues pass, long batch) {
        NDArray vectors = in(pass);
        long[] shape = vectors.getShape().getShape();
        return vectors.expandDims(0).broadcast(batch, shape[0], shape[1]);
    }

    /** The network: {@code up · tanh(down · x)}, added to {@code x} if it is a residual. */
    public record Network(
            Parameter down,
            Parameter downBias,
            Parameter up,
            Parameter upBias,
            boolean isResidual) {

        private NDArray of(NDArray vectors, PassValues pass) {
            NDArray hidden = Activation.tanh(linear(vectors, down, downBias, pass));
            NDArray made = linear(hidden, up, upBias, pass);
            return isResidual ? vectors.add(made) : made;
        }

        private static NDArray linear(
                NDArray x, Parameter weight, Parameter bias, PassValues pass) {
            return Linear.linear(x, pass.live(weight), pass.live(bias)).singletonOrThrow();
        }
    }
}
