package dev.engram.lora.internal.update;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.api.EngramException;
import dev.engram.api.guard.StepView;
import dev.engram.kit.autograd.Scaled;
import dev.engram.kit.overlay.Detached;
import dev.engram.kit.overlay.OwnParameters;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.kit.overlay.PassValues;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code W + s·Σ BᵢAᵢ} over the earlier tasks and this one, of which only this one's pair
 * is trained, in a subspace that is kept orthogonal to those of the others (O-LoRA; Wang et al.
 * 2023, section 3).
 *
 * <p>The penalty is {@code λ Σᵢ ‖A Aᵢᵀ‖²}; its gradient {@code 2λ Σᵢ A AᵢᵀAᵢ} is added to that of
 * {@code A} in closed form.
 */
public final class StackedUpdate implements ParameterOverlay {

    private final LowRankUpdate own;
    private final @Nullable Parameter earlierDown;
    private final @Nullable Parameter earlierUp;

    /**
     * Creates it.
     *
     * @param earlier of the same weight, oldest first
     */
    public StackedUpdate(LowRankUpdate own, List<StackedUpdate> earlier, NDManager manager) {
        this.own = own;
        if (earlier.isEmpty()) {
            earlierDown = null;
            earlierUp = null;
        } else {
            // The last one holds all that came before it.
            StackedUpdate last = earlier.get(earlier.size() - 1);
            requireEqualRows(last.own.up(), own.up());
            earlierDown = kept("earlier_A", last.earlierDown, last.own.down(), 0, manager);
            earlierUp = kept("earlier_B", last.earlierUp, last.own.up(), 1, manager);
        }
    }

    @Override
    public PairList<String, Parameter> parameters() {
        PairList<String, Parameter> all = own.parameters();
        if (earlierDown != null && earlierUp != null) {
            all.add("earlier_A", earlierDown);
            all.add("earlier_B", earlierUp);
        }
        return all;
    }

    @Override
    public NDArray value(NDArray base, PassValues values) {
        NDArray sum = own.value(base, values);
        if (earlierDown == null || earlierUp == null) {
            return sum;
        }
        NDArray before =
                Scaled.by(own.scale(), values.of(earlierUp).matMul(values.of(earlierDown)));
        return before.reshape(base.getShape()).add(sum);
    }

    public float scale() {
        return own.scale();
    }

    /** Gives each pair, those of earlier tasks first. */
    public void pairs(BiConsumer<Parameter, Parameter> visitor) {
        if (earlierDown != null && earlierUp != null) {
            visitor.accept(earlierDown, earlierUp);
        }
        visitor.accept(own.down(), own.up());
    }

    /** Returns {@code s·[B₁ B₂ …]} and {@code [A₁; A₂; …]}: the sum of all pairs as one. */
    public NDList factors(NDManager manager) {
        NDList ups = new NDList();
        NDList downs = new NDList();
        pairs(
                (down, up) -> {
                    ups.add(Detached.in(manager, up));
                    downs.add(Detached.in(manager, down));
                });
        return new NDList(NDArrays.concat(ups, 1).mul(scale()), NDArrays.concat(downs, 0));
    }

    /** Adds the penalty's gradient. */
    public void keepOrthogonal(StepView step, float strength) {
        if (earlierDown != null) {
            NDArray down = Detached.in(step.scratch(), own.down());
            NDArray others = Detached.in(step.scratch(), earlierDown);
            NDArray push = down.matMul(others.transpose()).matMul(others).mul(2 * strength);
            try (NDArray gradient = own.down().getArray().getGradient()) {
                gradient.addi(push);
            }
        }
    }

    private static void requireEqualRows(Parameter before, Parameter now) {
        long had = before.getArray().getShape().get(0);
        long has = now.getArray().getShape().get(0);
        if (had != has) {
            throw new EngramException(
                    "A weight that \"o-lora\" adapts has grown from %d to %d rows, and the updates of earlier tasks, which it adds to the new one's, have %d: let each task own such a head (owned), or take \"lora\""
                            .formatted(had, has, had));
        }
    }

    private static Parameter kept(
            String name, @Nullable Parameter before, Parameter last, int axis, NDManager manager) {
        NDArray joined;
        try (NDManager scope = manager.newSubManager()) {
            NDList parts = new NDList(Detached.in(scope, last));
            if (before != null) {
                parts.add(0, Detached.in(scope, before));
            }
            joined = NDArrays.concat(parts, axis).duplicate();
            joined.attach(manager);
        }
        return OwnParameters.frozen(name, joined);
    }
}
