package dev.engram.api.spi;

import dev.engram.api.Experimental;

/** What a strategy may need; the listener checks it before the first step. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Need {

    /** Every part of the model must ask the parameter store: no TorchScript. */
    public static final String BLOCK_ACCESS = "block-access";

    /** Another strategy on the listener must rehearse, see {@link Role#REHEARSAL}. */
    public static final String REHEARSAL = "rehearsal";

    private Need() {}
}
