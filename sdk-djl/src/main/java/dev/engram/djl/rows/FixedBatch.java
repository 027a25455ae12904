package dev.engram.djl.rows;

import dev.engram.api.Experimental;

/**
 * A block that takes one number of samples a pass and no other, such as one that was read from a
 * file exported with a fixed batch size.
 *
 * <p>Where Engram runs it, for importances and predictions, any number of samples goes through it
 * in pieces of that size; see {@link SampleRows#inPieces}. The user's own loop must give it whole
 * batches, unless the block itself cuts and fills up.
 */
@Experimental(since = "0.1", implementedBy = "plug-ins")
public interface FixedBatch {

    /** Returns how many samples each pass takes, 1 or more. */
    int samplesPerPass();
}
