package dev.engram.synapticintelligence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.jspecify.annotations.Nullable;

/**
 * How far one parameter's moves lowered the loss: {@code ω = -Σ g_t (θ_{t+1} - θ_t)}, by element.
 *
 * <p>Summed by parts it reads {@code ω = Σ θ_t (g_t - g_{t-1}) - g_T θ_{T+1}}: the weights before a
 * step are those after the one before, so no copy of them is kept, and a step costs four operations
 * and one allocation. Rounding adds at most about {@code ε |g θ|} a step, which is what the
 * optimizer itself loses when it adds a move to {@code θ}.
 */
final class PathIntegral {

    private final NDManager owner;
    private final NDArray decrease;
    private @Nullable NDArray latest;

    /** Begins at zero; the arrays are owned by {@code owner}. */
    PathIntegral(NDArray value, NDManager owner) {
        this.owner = owner;
        this.decrease = value.zerosLike();
        this.decrease.attach(owner);
    }

    /** Takes in a step that is about to be made from {@code value} with a gradient. */
    void extend(NDArray gradient, NDArray value) {
        // The optimizer zeroes the gradient itself. Copied first, it is then read from the cache.
        NDArray copy = gradient.duplicate();
        copy.attach(owner);
        if (latest == null) {
            try (NDArray first = copy.mul(value)) {
                decrease.addi(first);
            }
        } else {
            latest.subi(copy);
            add(latest, value);
        }
        latest = copy;
    }

    /** Ends the last step at {@code value}; what moves the weights from here on does not count. */
    void settle(NDArray value) {
        if (latest != null) {
            add(latest, value);
            latest = null;
        }
    }

    /** Returns ω, in units of the loss; whole only when settled. */
    NDArray decrease() {
        return decrease;
    }

    /** Subtracts {@code change · value} and closes {@code change}. */
    private void add(NDArray change, NDArray value) {
        change.muli(value);
        decrease.subi(change);
        change.close();
    }
}
