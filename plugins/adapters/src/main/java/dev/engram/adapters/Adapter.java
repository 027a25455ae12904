package dev.engram.adapters;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.kit.autograd.Scaled;
import dev.engram.kit.compose.ForwardOnlyBlock;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Computes {@code x + gate · scale · (up · act(down · x))}, both projections with a bias. */
final class Adapter extends ForwardOnlyBlock {

    private final AdapterDesign design;
    private final Parameter down;
    private final Parameter downBias;
    private final Parameter up;
    private final Parameter upBias;
    private final @Nullable Parameter gate;

    Adapter(
            AdapterDesign design,
            Parameter down,
            Parameter downBias,
            Parameter up,
            Parameter upBias,
            @Nullable Parameter gate) {
        this.design = design;
        this.down = down;
        this.downBias = downBias;
        this.up = up;
        this.upBias = upBias;
        this.gate = gate;
    }

    /** Returns the parameters: down, its bias, up, its bias, and the gate if there is one. */
    List<Parameter> parameters() {
        return Stream.concat(Stream.of(down, downBias, up, upBias), Stream.ofNullable(gate))
                .toList();
    }

    Parameter down() {
        return down;
    }

    Parameter downBias() {
        return downBias;
    }

    Parameter up() {
        return up;
    }

    Parameter upBias() {
        return upBias;
    }

    @Nullable Parameter gate() {
        return gate;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        NDArray x = inputs.singletonOrThrow();
        Device device = x.getDevice();
        NDArray hidden = linear(store, x, down, downBias, training);
        NDArray change = linear(store, design.activation().apply(hidden), up, upBias, training);
        if (design.scale() != 1) {
            change = Scaled.by(design.scale(), change);
        }
        if (gate != null) {
            change = change.mul(store.getValue(gate, device, training));
        }
        return new NDList(x.add(change));
    }

    private static NDArray linear(
            ParameterStore store, NDArray x, Parameter weight, Parameter bias, boolean training) {
        NDArray w = store.getValue(weight, x.getDevice(), training);
        NDArray b = store.getValue(bias, x.getDevice(), training);
        return Linear.linear(x, w, b).singletonOrThrow();
    }
}
