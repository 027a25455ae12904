package dev.engram.api.replay;

import dev.engram.api.Stable;

/**
 * What rehearses from a source and lets others draw from it, too, while nothing trains; a guard
 * implements it beside its own contract.
 *
 * <p>This type grows by default methods only.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface ReplayDriver {

    /** Returns the source, which stays the driver's. */
    ReplaySource source();
}
