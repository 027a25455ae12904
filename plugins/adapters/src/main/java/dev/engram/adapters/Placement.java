package dev.engram.adapters;

import dev.engram.api.Experimental;
import dev.engram.kit.compose.Place;
import java.util.Set;

/** Where adapters go in a transformer layer. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum Placement {
    /** After feed-forward (Pfeiffer et al. 2021). */
    PFEIFFER {
        @Override
        Set<Place> places() {
            return Set.of(Place.AFTER_FEED_FORWARD);
        }
    },

    /** After attention and after feed-forward (Houlsby et al. 2019): twice the cost. */
    HOULSBY {
        @Override
        Set<Place> places() {
            return Set.of(Place.AFTER_ATTENTION, Place.AFTER_FEED_FORWARD);
        }
    };

    /** Returns the kinds of places that get an adapter. */
    abstract Set<Place> places();
}
