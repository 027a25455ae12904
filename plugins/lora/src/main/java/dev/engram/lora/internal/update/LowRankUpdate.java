package dev.engram.lora.internal.update;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.kit.autograd.Scaled;
import dev.engram.kit.overlay.Detached;
import dev.engram.kit.overlay.NewArrays;
import dev.engram.kit.overlay.OwnParameters;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.kit.overlay.PassValues;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code W + s·B·A} for a weight {@code W} (Hu et al. 2021, section 4.1).
 *
 * <p>A weight of shape (o, …) counts as a matrix of o rows. {@code A} (r × columns) is drawn with
 * variance 1/(3 columns), as a linear layer's own weights are; {@code B} (o × r) begins at zero, so
 * that the first outputs are the base's.
 */
public final class LowRankUpdate implements ParameterOverlay {

    private final Parameter a;
    private final Parameter b;
    private final float scale;
    private final float dropout;
    private final boolean isInWeight;
    private @Nullable NDArray mask;

    /**
     * Creates it.
     *
     * @param scale the s above
     * @param dropout share of the layer's inputs that a training pass leaves out; where only the
     *     weight can be reached, columns of {@code A} for all samples of the batch alike
     */
    public LowRankUpdate(NDArray weight, int rank, float scale, float dropout, NDManager manager) {
        Shape shape = weight.getShape();
        long rows = shape.get(0);
        long columns = shape.size() / rows;
        NewArrays arrays = NewArrays.of(manager, weight.getDataType());
        this.a = OwnParameters.trained("lora_A", arrays.uniform(rank, columns));
        this.b = OwnParameters.trained("lora_B", arrays.zeros(rows, rank));
        this.scale = scale;
        this.dropout = dropout;
        this.isInWeight = false;
    }

    /** Goes on with a pair from elsewhere. */
    public LowRankUpdate(NDArray down, NDArray up, float scale) {
        this(down, up, scale, false);
    }

    /**
     * Goes on with a pair from elsewhere.
     *
     * @param isInWeight whether it is added to the weight even where it could stand beside the
     *     layer, as that of o-lora is: the last bits of the outputs differ
     */
    public LowRankUpdate(NDArray down, NDArray up, float scale, boolean isInWeight) {
        this.a = OwnParameters.trained("lora_A", down);
        this.b = OwnParameters.trained("lora_B", up);
        this.scale = scale;
        this.dropout = 0;
        this.isInWeight = isInWeight;
    }

    public Parameter down() {
        return a;
    }

    public Parameter up() {
        return b;
    }

    public float scale() {
        return scale;
    }

    public boolean isInWeight() {
        return isInWeight;
    }

    /** Returns {@code s·B} and {@code A}, cut off from autograd. */
    public NDList factors(NDManager manager) {
        return new NDList(Detached.in(manager, b).mul(scale), Detached.in(manager, a));
    }

    @Override
    public PairList<String, Parameter> parameters() {
        PairList<String, Parameter> own = new PairList<>();
        own.add("lora_A", a);
        own.add("lora_B", b);
        return own;
    }

    @Override
    public NDArray value(NDArray base, PassValues values) {
        return delta(base, values).add(base);
    }

    /** Returns {@code s·B·A} in the shape of the base. */
    private NDArray delta(NDArray base, PassValues values) {
        NDArray down = values.of(a);
        if (dropout > 0 && values.training()) {
            down = down.mul(mask(down, values.repeats()));
        }
        return Scaled.by(scale, values.of(b).matMul(down)).reshape(base.getShape());
    }

    /** Draws which columns a pass leaves out; for its gradient they are the same. */
    private NDArray mask(NDArray down, boolean repeats) {
        NDArray last = mask;
        if (repeats && last != null) {
            return last;
        }
        NDArray drawn = drawn(down, new Shape(1, down.getShape().get(1)));
        drawn.attach(a.getArray().getManager());
        mask = drawn;
        if (last != null) {
            last.close();
        }
        return drawn;
    }

    /**
     * Returns {@code s·(x·Aᵀ)·Bᵀ}, or {@code s·(x·B)·A} for a weight stored (in, out), without
     * forming {@code B·A} or a gradient of its size.
     */
    NDArray product(NDArray input, ParameterStore store, boolean training, boolean isOutputFirst) {
        NDArray dropped = dropInputs(input, training);
        NDArray down = store.getValue(a, input.getDevice(), training);
        NDArray up = store.getValue(b, input.getDevice(), training);
        NDArray first = isOutputFirst ? down : up.transpose();
        NDArray second = isOutputFirst ? up : down.transpose();
        NDArray inner = Scaled.by(scale, Linear.linear(dropped, first).head());
        return Linear.linear(inner, second).head();
    }

    /** Returns a layer's input with the dropout that a pass has, where a layer has inputs. */
    private NDArray dropInputs(NDArray input, boolean training) {
        return dropout > 0 && training ? input.mul(drawn(input, input.getShape())) : input;
    }

    private NDArray drawn(NDArray like, Shape each) {
        NDArray kept =
                like.getManager()
                        .randomUniform(0, 1, each)
                        .gte(dropout)
                        .toType(like.getDataType(), false);
        return kept.div(1 - dropout);
    }
}
