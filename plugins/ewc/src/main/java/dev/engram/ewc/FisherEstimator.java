package dev.engram.ewc;

import dev.engram.api.Experimental;

/** How the mean of the per-sample squared gradients is computed. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum FisherEstimator {
    /** One sample a pass: no variance, and as many passes as samples. */
    EXACT,
    /**
     * One pass a batch: each sample's loss gradient gets an independent random sign, and the summed
     * gradient is squared. Its expectation is the sum of the per-sample squares; see {@link
     * FisherImportance} for its variance.
     *
     * <p>A loss of the user's own is evaluated four times a batch: for all of its samples, and for
     * three alone, to see that it is a mean or a sum over them. One that is neither, because it
     * masks, weighs or normalises over a batch, is evaluated once a sample, so at most as often as
     * the listener keeps samples of a task (2,000 unless set, {@code optSampleCapacity}): with a
     * classifier of ten classes that was about 0.8 ms each on one core, 1.5 to 1.9 s a task instead
     * of 0.2 to 0.3 s, however large the model is.
     */
    SKETCHED
}
