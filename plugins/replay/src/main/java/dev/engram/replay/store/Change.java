package dev.engram.replay.store;

import ai.djl.ndarray.NDList;
import dev.engram.api.Experimental;
import java.util.List;

/**
 * What one batch changes in a store: all of it or nothing.
 *
 * @param removed ids of samples that leave; none of those that come, and one that is not there is
 *     passed over
 * @param added keys of samples that come, all of one layout
 * @param arrays their arrays, data, labels and predictions in the layout's order; row {@code i} of
 *     each is the sample of {@code added.get(i)}; the caller owns them
 * @param state how the choice of samples goes on from here, as {@link SampleStore#state} gives back
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public record Change(List<Long> removed, List<SampleKey> added, NDList arrays, String state) {}
