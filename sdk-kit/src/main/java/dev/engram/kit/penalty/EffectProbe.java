package dev.engram.kit.penalty;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.GuardEffect;
import dev.engram.kit.autograd.InnerProduct;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Measures on the device how strongly a penalty acts; the host reads it once an epoch. */
final class EffectProbe {

    private final NDManager owner;
    private @Nullable Sums running;
    private @Nullable Sums finished;

    EffectProbe(NDManager owner) {
        this.owner = owner;
    }

    void add(NDArray gradient, NDArray pull, PenaltyTerm term) {
        Sums sums = running == null ? new Sums(owner) : running;
        running = sums;
        sums.gradient.addi(InnerProduct.ofItself(gradient, sums.manager));
        sums.pull.addi(InnerProduct.ofItself(pull, sums.manager));
        NDArray energy = term.energy(pull);
        energy.attach(sums.manager);
        sums.energy.addi(energy);
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
        double pull = Math.sqrt(Reading.sum(finished.pull, finished.manager));
        double gradient = Math.sqrt(Reading.sum(finished.gradient, finished.manager));
        double share = pull == 0 ? 0 : pull / (pull + gradient);
        return Optional.of(
                GuardEffect.of(
                        Reading.sum(finished.energy, finished.manager) + offset, share, heldShare));
    }

    /** The sums over all parameters of one step. */
    private static final class Sums {

        final NDManager manager;
        final NDArray gradient;
        final NDArray pull;
        final NDArray energy;

        Sums(NDManager owner) {
            manager = owner.newSubManager();
            gradient = manager.zeros(new Shape());
            pull = manager.zeros(new Shape());
            energy = manager.zeros(new Shape());
        }
    }
}
