package dev.engram.replay.store;

import ai.djl.ndarray.NDList;
import dev.engram.api.Experimental;
import java.util.List;

/** What one batch changes in a store: all of it or nothing. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Change {

    private final List<Long> removed;
    private final List<SampleKey> added;
    private final NDList arrays;
    private final String state;

    private Change(List<Long> removed, List<SampleKey> added, NDList arrays, String state) {
        this.removed = removed;
        this.added = added;
        this.arrays = arrays;
        this.state = state;
    }

    /**
     * Returns the change with these values.
     *
     * @param removed ids of samples that leave; none of those that come, and one that is not there
     *     is passed over
     * @param added keys of samples that come, all of one layout
     * @param arrays their arrays, data, labels and predictions in the layout's order; row {@code i}
     *     of each is the sample of {@code added.get(i)}; the caller owns them
     * @param state how the choice of samples goes on from here, as {@link SampleStore#state} gives
     *     back
     */
    public static Change of(
            List<Long> removed, List<SampleKey> added, NDList arrays, String state) {
        return new Change(removed, added, arrays, state);
    }

    /**
     * Returns ids of samples that leave; none of those that come, and one that is not there is
     * passed over.
     */
    public List<Long> removed() {
        return removed;
    }

    /** Returns keys of samples that come, all of one layout. */
    public List<SampleKey> added() {
        return added;
    }

    /**
     * Returns their arrays, data, labels and predictions in the layout's order; row {@code i} of
     * each is the sample of {@code added.get(i)}; the caller owns them.
     */
    public NDList arrays() {
        return arrays;
    }

    /**
     * Returns how the choice of samples goes on from here, as {@link SampleStore#state} gives back.
     */
    public String state() {
        return state;
    }
}
