package dev.engram.api.spi;

import dev.engram.api.Stable;
import java.util.Set;

/** What a strategy may need; the listener checks it before the first step. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class Need {

    /** Every part of the model must ask the parameter store: no TorchScript. */
    public static final String BLOCK_ACCESS = "block-access";

    /** Another strategy on the listener must rehearse, see {@link Role#REHEARSAL}. */
    public static final String REHEARSAL = "rehearsal";

    private static final Set<String> KNOWN = Set.of(BLOCK_ACCESS, REHEARSAL);

    private Need() {}

    /**
     * Returns whether this Engram knows a need; a strategy with one that it does not know, of a
     * later SPI, is refused, because it would train without what it needs.
     */
    public static boolean isKnown(String need) {
        return KNOWN.contains(need);
    }
}
