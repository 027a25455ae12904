package dev.engram.api.guard;

import dev.engram.api.Stable;

/**
 * How strongly a guard acted, so that nobody believes in a protection that does nothing.
 *
 * <p>The runtime measures the shares, at some steps of each epoch, on the gradients and weights
 * themselves: what a guard states of them counts for nothing but where nothing was measured.
 */
@Stable(since = "0.1", implementedBy = "Engram")
public interface GuardEffect {

    /** Returns the penalty as it was last measured, in units of the loss; 0 or more. */
    double penalty();

    /**
     * Returns the share that the guard had in the gradient: the norm of what it changed over the
     * sum of that and the norm of the loop's gradient, 0 to 1, over the steps that were measured.
     */
    double gradientShare();

    /**
     * Returns the share that the guard had in the update of the weights: the norm of what it
     * changed in {@link ForgettingGuard#onUpdate} over the sum of that and the norm of what the
     * optimizer did, 0 to 1; 0 for a guard that does not look at updates.
     */
    default double updateShare() {
        return 0;
    }

    /**
     * Returns which share of the elements that train the guard acts on, 0 to 1: what trains beside
     * it moves as freely as without the guard. Where a guard states that its memory is about less
     * than it was seen to change, that counts.
     */
    default double heldShare() {
        return 1;
    }

    /** Returns the effect of which a guard itself knows only the penalty. */
    static GuardEffect ofPenalty(double penalty) {
        return of(penalty, 0);
    }

    /** Returns an effect of the two numbers, on all that trains. */
    static GuardEffect of(double penalty, double gradientShare) {
        return of(penalty, gradientShare, 1);
    }

    /** Returns an effect of the three numbers. */
    static GuardEffect of(double penalty, double gradientShare, double heldShare) {
        return of(penalty, gradientShare, heldShare, 0);
    }

    /** Returns an effect of the four numbers. */
    static GuardEffect of(
            double penalty, double gradientShare, double heldShare, double updateShare) {
        return new MeasuredEffect(penalty, gradientShare, heldShare, updateShare);
    }
}
