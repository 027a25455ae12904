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
     * FisherImportance} for its variance. A loss that is not one of DJL's plain means is evaluated
     * once a sample, which is cheap beside the model.
     */
    SKETCHED
}
