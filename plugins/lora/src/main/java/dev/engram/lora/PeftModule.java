package dev.engram.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import dev.engram.kit.overlay.Detached;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.lora.internal.update.DecomposedUpdate;
import dev.engram.lora.internal.update.LowRankUpdate;
import dev.engram.lora.internal.update.Rescaling;
import dev.engram.lora.internal.update.StackedUpdate;
import dev.engram.lora.internal.update.WeightLayout;
import dev.engram.lora.peft.PeftAdapter;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a task has for one module, as PEFT lays it out.
 *
 * @param overlay over the module's weight
 * @param layout which way round the weight is stored
 * @param weight its shape
 */
record PeftModule(ParameterOverlay overlay, WeightLayout layout, Shape weight) {

    /** Returns what PEFT has no form for. */
    Optional<String> problem() {
        if (overlay instanceof Rescaling scaling) {
            if (layout == WeightLayout.EMBEDDING) {
                return Optional.of("PEFT has no factors for an embedding");
            }
            if (weight.dimension() > 2 && scaling.scalesInputs()) {
                return Optional.of("PEFT has one factor for each channel of a convolution's input");
            }
        }
        return weight.dimension() < 2
                ? Optional.of("it is no weight of a module")
                : Optional.empty();
    }

    boolean isLora() {
        return !(overlay instanceof Rescaling);
    }

    /** Returns whether it is a low-rank update and nothing else. */
    boolean isPair() {
        return overlay instanceof LowRankUpdate || overlay instanceof StackedUpdate;
    }

    boolean isDecomposed() {
        return overlay instanceof DecomposedUpdate;
    }

    boolean scalesInputs() {
        return overlay instanceof Rescaling scaling && scaling.scalesInputs();
    }

    int rank() {
        if (overlay instanceof StackedUpdate stacked) {
            int[] rank = {0};
            stacked.pairs((down, up) -> rank[0] += rank(down));
            return rank[0];
        }
        return rank(pair().down());
    }

    private static int rank(Parameter down) {
        return Math.toIntExact(down.getArray().getShape().get(0));
    }

    float scale() {
        return overlay instanceof StackedUpdate stacked ? stacked.scale() : pair().scale();
    }

    private LowRankUpdate pair() {
        if (overlay instanceof DecomposedUpdate both) {
            return both.update();
        }
        return (LowRankUpdate) overlay;
    }

    /** Adds the module's tensors, made in a scope. */
    void addTo(PeftAdapter.Builder adapter, String path, NDManager scope) {
        if (overlay instanceof Rescaling scaling) {
            adapter.addIa3(path, factors(Detached.in(scope, scaling.factors()), scaling));
            return;
        }
        NDArray down = Detached.in(scope, pairs(scope).get(0));
        NDArray up = Detached.in(scope, pairs(scope).get(1));
        switch (layout) {
            case EMBEDDING -> adapter.addEmbedding(path, turned(up), turned(down));
            case INPUT_FIRST -> adapter.addLora(path, turned(up), turned(down));
            default -> adapter.addLora(path, kernel(down), up.reshape(points(up)));
        }
        if (overlay instanceof DecomposedUpdate both) {
            adapter.addMagnitude(path, magnitude(Detached.in(scope, both.magnitude())));
        }
    }

    /** Returns {@code A} and {@code B} over the weight as it is stored, all tasks' in one. */
    private NDList pairs(NDManager scope) {
        if (!(overlay instanceof StackedUpdate stacked)) {
            return new NDList(pair().down().getArray(), pair().up().getArray());
        }
        NDList downs = new NDList();
        NDList ups = new NDList();
        stacked.pairs(
                (down, up) -> {
                    downs.add(Detached.in(scope, down));
                    ups.add(Detached.in(scope, up));
                });
        return new NDList(NDArrays.concat(downs, 0), NDArrays.concat(ups, 1));
    }

    /** A transposed view would be saved as it lies in memory. */
    private static NDArray turned(NDArray matrix) {
        return matrix.transpose().duplicate();
    }

    private NDArray kernel(NDArray down) {
        long[] shape = weight.getShape().clone();
        shape[0] = down.getShape().get(0);
        return down.reshape(new Shape(shape));
    }

    private Shape points(NDArray up) {
        long[] shape = ones();
        shape[0] = up.getShape().get(0);
        shape[1] = up.getShape().get(1);
        return new Shape(shape);
    }

    private NDArray magnitude(NDArray values) {
        if (weight.dimension() == 2) {
            return values.flatten();
        }
        return values.reshape(channels());
    }

    private NDArray factors(NDArray values, Rescaling scaling) {
        if (weight.dimension() > 2) {
            return values.reshape(channels());
        }
        return scaling.scalesInputs() ? values.reshape(1, -1) : values.reshape(-1, 1);
    }

    /** PEFT keeps what it has for each output of a convolution as (1, outputs, 1, ...). */
    private Shape channels() {
        long[] shape = ones();
        shape[1] = -1;
        return new Shape(shape);
    }

    private long[] ones() {
        long[] shape = new long[weight.dimension()];
        Arrays.fill(shape, 1);
        return shape;
    }
}
