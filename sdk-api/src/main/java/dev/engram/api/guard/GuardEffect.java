package dev.engram.api.guard;

import dev.engram.api.Stable;

/** How strongly a guard acted, so that nobody believes in a protection that does nothing. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface GuardEffect {

    /** Returns the penalty as it was last measured, in units of the loss; 0 or more. */
    double penalty();

    /**
     * Returns the share that the guard had in the gradient: its norm over the sum of its norm and
     * the norm of the batch's gradient, 0 to 1, at the last step where it was measured.
     */
    double gradientShare();

    /**
     * Returns which share of the elements that train the guard's memory is about, 0 to 1: what
     * trains beside it moves as freely as without the guard.
     */
    default double heldShare() {
        return 1;
    }

    /** Returns an effect of the two numbers, on all that trains. */
    static GuardEffect of(double penalty, double gradientShare) {
        return of(penalty, gradientShare, 1);
    }

    /** Returns an effect of the three numbers. */
    static GuardEffect of(double penalty, double gradientShare, double heldShare) {
        return new MeasuredEffect(penalty, gradientShare, heldShare);
    }
}
