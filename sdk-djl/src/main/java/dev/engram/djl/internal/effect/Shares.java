package dev.engram.djl.internal.effect;

import dev.engram.api.guard.GuardEffect;

/**
 * What the runtime measured of a guard.
 *
 * @param gradient its share in the gradient
 * @param held the share of what moves that it acts on
 * @param update its share in the update
 */
public record Shares(double gradient, double held, double update) {

    /** Returns the same with a share in the update; a guard that changes it acts on all of it. */
    public Shares and(double updateShare) {
        return new Shares(gradient, updateShare > 0 ? 1 : held, updateShare);
    }

    boolean isOfAnything() {
        return gradient > 0 || update > 0;
    }

    /** Returns what a guard states of itself, but for the shares. */
    GuardEffect over(GuardEffect stated) {
        return GuardEffect.of(
                stated.penalty(), gradient, Math.min(stated.heldShare(), held), update);
    }
}
