package dev.engram.kit.penalty;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.GuardEffect;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Measures on the device how large a penalty is; the host reads it once an epoch. Its share of the
 * gradient the runtime measures.
 */
final class EffectProbe {

    private final NDManager owner;
    private @Nullable Sum running;
    private @Nullable Sum finished;

    EffectProbe(NDManager owner) {
        this.owner = owner;
    }

    void add(NDArray pull, PenaltyTerm term) {
        Sum sum = running == null ? new Sum(owner) : running;
        running = sum;
        NDArray energy = term.energy(pull);
        energy.attach(sum.manager);
        sum.energy.addi(energy);
    }

    void finish() {
        if (finished != null) {
            finished.manager.close();
        }
        finished = running;
        running = null;
    }

    /** Returns the last measurement; waits for the device. */
    Optional<GuardEffect> read(double offset, double heldShare) {
        if (finished == null) {
            return Optional.empty();
        }
        double energy = Reading.sum(finished.energy, finished.manager);
        return Optional.of(GuardEffect.of(energy + offset, 0, heldShare));
    }

    /** That over all parameters of one step. */
    private static final class Sum {

        final NDManager manager;
        final NDArray energy;

        Sum(NDManager owner) {
            manager = owner.newSubManager();
            energy = manager.zeros(new Shape());
        }
    }
}
